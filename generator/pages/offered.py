"""What a site offers to take away, in `downloads/`: the PDF, the numbers, exercises and scenes.

In: settings, what was measured, the exercises and experiments. Out: paths with their names for
people, and the scenes as one file. `outputs.downloads` copies what is made beside the site.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from generator.exercises.fill_in import FOLDER, fill_in
from generator.exercises.notes import Worksheet
from generator.files.fingerprint import digest_of
from generator.pages.contents import Contents
from generator.pages.deferred import Deferred
from generator.project.config import SiteConfig
from generator.project.experiments import Experiment

PDF = "handout.pdf"
SCENES = "scenes.json"


def offered(
    config: SiteConfig,
    contents: Contents,
    worksheets: Deferred[tuple[Worksheet, ...]],
    experiments: Deferred[tuple[Experiment, ...]],
) -> Deferred[list[dict[str, str]]]:
    """The path and the label of each file, in the order of the list."""
    has_pdf, measured = "pdf" in config.outputs, bool(contents.measures.images)
    instructor = config.edition == "instructor"

    def make() -> list[dict[str, str]]:
        rows = [(PDF, "The handout as a PDF, for print")] if has_pdf else []
        if measured:
            rows += [
                ("measures.json", "All numbers of Q3, with what they mean, as JSON"),
                ("measures.csv", "The same numbers as a table"),
            ]
        files = [(f"{FOLDER}/{name}", label) for name, label in rows]
        for one in worksheets.value:
            shown = fill_in(one, instructor=instructor)
            files += [(path, f"{shown.title}: {label}") for path, label in shown.downloads]
        if experiments.value:
            files.append((f"{FOLDER}/{SCENES}", "The scenes of the lab's experiments"))
        return [{"path": path, "label": label} for path, label in files]

    parts = [has_pdf, measured, instructor, worksheets.key, experiments.key]
    return Deferred(digest_of(parts), make)


def scenes_file(experiments: Sequence[Experiment]) -> dict[str, str]:
    """The scenes by the names of their experiments, as one JSON file; nothing without any."""
    if not experiments:
        return {}
    scenes: dict[str, Any] = {
        one.name: {"title": one.title, "follow": one.follow, **asdict(one.scene)}
        for one in experiments
    }
    text = json.dumps(scenes, indent=1, ensure_ascii=False)
    return {f"{FOLDER}/{SCENES}": f"{text}\n"}
