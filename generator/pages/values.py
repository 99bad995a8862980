"""What pages and templates may use, by name: `docs/authors.md` tells authors of each.

In: settings, and all that the pages tell of. Out: the values. Those that take time to make are
`Deferred`: a page that does not use them does not wait for them.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib import metadata
from typing import Any

from generator.detr.zoo import LAB_MODEL, model_card
from generator.exercises.fill_in import FOLDER, FillIns
from generator.exercises.homework.notebook import FILE as NOTEBOOK
from generator.exercises.homework.notebook import hand_in_notebook, has_notebook
from generator.exercises.homework.rubric import FILE as RUBRIC
from generator.exercises.homework.rubric import points_of, read_rubric
from generator.exercises.notes import Worksheet, read_worksheets
from generator.files.fingerprint import digest_of, digest_of_folders, fingerprint, sha256_of
from generator.measures.claims.read import FILE as CLAIMS
from generator.measures.claims.read import read_claims
from generator.measures.summary import ENOUGH_IMAGES
from generator.pages.built_gallery import BuiltGallery
from generator.pages.claim_cards import ClaimCard, by_mechanism, claim_cards
from generator.pages.comparison_values import comparison_values
from generator.pages.contents import Contents
from generator.pages.deferred import Deferred
from generator.pages.escape import shape
from generator.pages.links import link_targets
from generator.pages.model_diagram import documented_workflow, percent_of, workflows_of
from generator.pages.offered import offered
from generator.pages.printed import images_for, is_core, telling_claims
from generator.pages.quoted_numbers import QuotedNumbers
from generator.pages.relatives import relatives_of
from generator.project.config import Engine, Output, SiteConfig
from generator.project.experiments import FOLDER as EXPERIMENTS
from generator.project.experiments import Experiment, read_experiments, sprite_files
from generator.project.overlay import content_of, templates_of

LINKS, WORKSHEETS, HAND_IN = "link targets", "the worksheets", "the hand-in notebook"
"""Names that no template can write: for `ref`, for the files of the exercises and the homework."""

_PACKAGES = ("torch", "torchvision", "numpy", "matplotlib", "pillow", "jinja2")
_ENGINES: dict[Engine, tuple[str, ...]] = {
    "mkdocs": ("mkdocs", "mkdocs-material"),
    "zensical": ("zensical",),
}


def page_values(
    config: SiteConfig,
    contents: Contents,
    target: Output,
    pages: Mapping[str, str],
    added: Mapping[str, str],
) -> dict[str, Any]:
    """The values of all pages.

    Args:
        target: what the pages are for; content and templates may ask.
        pages: title by name of the pages that every site has.
        added: the same of those that the author added.
    """
    results, cards = contents.results, contents.cards
    gallery = BuiltGallery(results, contents.statuses, contents.without_pages)
    workflows = workflows_of(contents, gallery.example)
    instructor = config.edition == "instructor"
    worksheets = Deferred(
        exercises_key(config), lambda: read_worksheets(content_of(config).below("exercises"))
    )
    return {
        "site": config,
        "gallery": gallery,
        "results": results,
        "statuses": contents.statuses,
        "cards": cards,
        "curves": contents.curves,
        "limits": contents.limits,
        "site_pages": _known({**pages, **added}),
        "card_of": {card.name: card for card in cards},
        "example": gallery.example,
        **comparison_values(contents),
        "workflows": workflows,
        "relatives": relatives_of(workflows),
        "two_cats": documented_workflow(),
        "percent_of": percent_of,
        "instructor": instructor,
        "versions": _known(_versions(config.engine)),
        "shape": shape,
        "target": target,
        "core": is_core(config, target),
        "printed": _known([one.entry.slug for one in images_for(config, results, target)]),
        "printed_by_rule": not any(one.entry.print for one in results),
        "experiments": _experiments(config),
        "lab_model": model_card(LAB_MODEL),
        "prepared": contents.prepared,
        "offered": offered(config, contents, worksheets, _experiments(config)),
        "fill_ins": Deferred(
            worksheets.key, lambda: FillIns(worksheets.value, instructor=instructor)
        ),
        "has_notebook": _known(has_notebook(content_of(config))),
        "rubric": _rubric(config, instructor=instructor),
        LINKS: link_targets({**pages, **added}, contents),
        WORKSHEETS: worksheets,
        HAND_IN: _hand_in(config, worksheets, instructor),
        **_analysis(config, contents),
    }


def _experiments(config: SiteConfig) -> Deferred[tuple[Experiment, ...]]:
    """The experiments of the lab."""
    sprites, content = list(sprite_files(templates_of(config))), content_of(config)
    key = digest_of([digest_of_folders(content.below(EXPERIMENTS).folders), sprites])
    return Deferred(key, lambda: read_experiments(content, sprites))


def _hand_in(
    config: SiteConfig, worksheets: Deferred[tuple[Worksheet, ...]], instructor: bool
) -> Deferred[tuple[tuple[str, str], ...]]:
    """Name and text of the notebooks to hand in; an instructor gets the student's as well."""
    homework = digest_of_folders(content_of(config).below(NOTEBOOK.parent.name).folders)
    key = digest_of([worksheets.key, homework, repr(config.homework), config.threshold, instructor])

    def make() -> tuple[tuple[str, str], ...]:
        by_name = {one.exercise.name: one for one in worksheets.value}
        editions = {"hand_in": False, **({"hand_in_solution": True} if instructor else {})}
        made = {
            f"{FOLDER}/{name}.ipynb": hand_in_notebook(config, by_name, instructor=answers)
            for name, answers in editions.items()
        }
        return tuple((name, text) for name, text in made.items() if text is not None)

    return Deferred(key, make)


def _rubric(config: SiteConfig, *, instructor: bool) -> Deferred[dict[str, Any]]:
    """How each question is marked; what deserves all points is told to instructors alone."""
    file, points = content_of(config).file(RUBRIC.as_posix()), asdict(config.homework.points)
    key = digest_of([sha256_of(file) if file.is_file() else None, points, instructor])

    def make() -> dict[str, Any]:
        return {
            question: [
                {
                    "what": one.what,
                    "points": points_of(one, criteria, points[question]),
                    **({"full": one.full} if instructor else {}),
                }
                for one in criteria
            ]
            for question, criteria in read_rubric(content_of(config)).items()
        }

    return Deferred(key, make)


def exercises_key(config: SiteConfig) -> str:
    """Names the sources of the exercises, and what is said about them."""
    return digest_of_folders(content_of(config).below("exercises").folders)


def _analysis(config: SiteConfig, contents: Contents) -> dict[str, Any]:
    """The claims with their verdicts, and what lets prose quote a number."""
    measures, file = contents.measures, content_of(config).file(CLAIMS)
    models = [card.name for card in contents.cards]
    key = fingerprint(
        "generator.pages.claim_cards",
        "generator.pages.quoted_numbers",
        "generator.pages.printed",
        values={
            "numbers": measures.numbers.key,
            "claims": sha256_of(file) if file.is_file() else None,
            "models": models,
        },
    )

    def make_cards() -> tuple[ClaimCard, ...]:
        return claim_cards(read_claims(file), measures.numbers.value)

    def make_numbers() -> QuotedNumbers:
        findings = {
            card.claim.name: tuple(one.finding for one in card.findings) for card in cards.value
        }
        return QuotedNumbers(measures.numbers.value, models, findings)

    def of_numbers(take: Callable[[QuotedNumbers], Any]) -> Deferred[Any]:
        return Deferred(key, lambda: take(numbers.value))

    cards, numbers = Deferred(key, make_cards), Deferred(key, make_numbers)
    return {
        "claims": cards,
        "telling": Deferred(key, lambda: telling_claims(cards.value, measures.main_model)),
        "telling_by_rule": Deferred(key, lambda: not any(one.claim.print for one in cards.value)),
        "claims_by_mechanism": Deferred(key, lambda: by_mechanism(_side_by_side(cards.value))),
        "measured_models": _known(measures.models),
        "main_model": measures.main_model,
        "measured_images": _known(dict(measures.images)),
        "enough_images": ENOUGH_IMAGES,
        "measure": of_numbers(lambda one: one.measure),
        "contrast": of_numbers(lambda one: one.contrast),
        "enough": of_numbers(lambda one: one.enough),
        "verdict": of_numbers(lambda one: one.verdict),
        "q3_figures": contents.q3_figures,
    }


def _side_by_side(cards: tuple[ClaimCard, ...]) -> list[ClaimCard]:
    """The claims that nothing was taken away for; pages tell of the others elsewhere."""
    return [card for card in cards if card.claim.kind == "correlational"]


def _known(value: Any) -> Deferred[Any]:
    """A value without records, which counts for a page only if the page uses it."""
    return Deferred.of(value, digest_of(value, ordered=True))


def _versions(engine: Engine) -> dict[str, str]:
    """Version by package, of Python too, without importing any."""
    versions = {"Python": platform.python_version()}
    return versions | {name: metadata.version(name) for name in (*_PACKAGES, *_ENGINES[engine])}


def pages_key(config: SiteConfig, target: Output) -> str:
    """Names what every page of an edition depends on, besides what it reads."""
    secret = exercises_key(config) if config.edition != "instructor" else ""
    values = {
        "edition": config.edition,
        "target": target,
        "exercises": secret,  # students' pages are searched for their answers
    }
    return fingerprint("generator.pages.render", values=values)
