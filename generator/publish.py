"""Publishes a site: as one file for a course's platform, or as a branch for a web host.

In: a project. Out: a zip, or a commit that holds the site and nothing else. It is built first, so
that nothing old is published; and the edition with the answers goes out only if it is named.
"""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generator.build.recipe import BuildOptions, build
from generator.course.branch import DEFAULT_REMOTE, commit_to
from generator.errors import GeneratorError, UsageError
from generator.files.folders import PUBLISH, BuildFolder
from generator.files.owned_folder import held_output
from generator.files.walk import names_below
from generator.project.config import Edition, SiteConfig, load_config

_FIRST = (1980, 1, 1, 0, 0, 0)
"""The date of each file in a zip: the same site gives the same bytes."""
_LUNR = "assets/javascripts/lunr/"
_STEMMER = re.compile(r"lunr\.(\w+)\.min\.js$")
_WORDS = {"ja": "tinyseg.js", "jp": "tinyseg.js", "th": "wordcut.js"}
"""What splits the words of a language that has no spaces."""


@dataclass(frozen=True)
class Wishes:
    """What the command line says.

    Attributes:
        edition: that is published.
        zip_file: whether a zip is asked for.
        branch: the branch that is to hold the site, "" if none is asked for.
        remote: where the branch is pushed to; the default may be missing. "" pushes nothing.
        output: of the zip.
        offline: download nothing while building.
        jobs: processes that draw.
        wait: for another command that writes to the build's folder.
    """

    edition: Edition = "student"
    zip_file: bool = False
    branch: str = ""
    remote: str = DEFAULT_REMOTE
    output: Path | None = None
    offline: bool = False
    jobs: int = 1
    wait: bool = False


def publish(config: Path, wishes: Wishes) -> list[str]:
    """Builds and publishes, and returns what is to be said of it.

    Raises:
        UsageError: nothing is asked for, or an edition that the settings do not build.
        GeneratorError: the build left something out that failed, or git refused.
        BusyError: another command writes to the build's folder.
    """
    if not wishes.zip_file and not wishes.branch:
        raise UsageError("say where to: --zip makes one file, --to gh-pages a branch")
    site = load_config(config)
    _refuse_other_edition(site, wishes.edition)
    options = BuildOptions(config, offline=wishes.offline, jobs=wishes.jobs, wait=wishes.wait)
    report = build(options)
    if failed := [one.slug for one in report.statuses if one.status == "failed"]:
        raise GeneratorError(f"nothing was published, as these failed: {', '.join(failed)}")
    folder = report.of("site").get(wishes.edition)
    if folder is None:
        raise UsageError("there is no site to publish: `outputs:` leaves it out")
    built = BuildFolder.of(site.root).path
    with held_output(built, site.root, "`publish`", wait=wishes.wait):  # `build` gave it back
        told = list(_published(site, folder, built, wishes))
    if wishes.edition == "instructor":
        told.append("It has the answers: not for students.")
    return told


def _published(site: SiteConfig, folder: Path, built: Path, wishes: Wishes) -> Iterator[str]:
    """Publishes the site in a folder, and says where."""
    files = dict(site_files(folder))
    if wishes.zip_file:
        path = wishes.output or built / PUBLISH / f"{_name(wishes.edition)}.zip"
        write_zip(path, files)
        yield f"{path} is the whole site in one file of {path.stat().st_size / 1e6:.1f} MB."
    if wishes.branch:
        yield commit_to(site.root, wishes.branch, files, wishes.remote)


def _name(edition: Edition) -> str:
    return "site" if edition == "student" else "site-instructor"


def _refuse_other_edition(site: SiteConfig, wanted: Edition) -> None:
    if site.edition in (wanted, "both"):
        return
    if site.edition == "instructor":
        raise UsageError(
            "the settings ask for the edition with the answers, which is published only if it is "
            "named: --edition instructor. For students say `edition: student` or `edition: both`"
        )
    raise UsageError("--edition instructor: the settings leave it out; say `edition: both`")


def site_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of a site that readers need, by name, in the order of their names.

    Source maps are for those who mend the theme, and stemmers for languages that the search of
    this site does not know.
    """
    languages = _languages(folder)
    for name in names_below(folder):
        if not name.endswith(".map") and _is_needed(name, languages):
            yield name, folder / name


def _is_needed(name: str, languages: set[str]) -> bool:
    if not name.startswith(_LUNR) or languages <= {"en"}:
        return not name.startswith(_LUNR)
    found = _STEMMER.search(name)
    if found is None:
        return name.endswith(".support.min.js") or any(
            name.endswith(_WORDS.get(one, "\0")) for one in languages
        )
    return found[1] in languages | {"multi"}


def _languages(folder: Path) -> set[str]:
    """Those of the search, English if it does not say."""
    try:
        index = json.loads((folder / "search/search_index.json").read_text(encoding="utf-8"))
        return {str(one) for one in index["config"]["lang"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {"en"}


def write_zip(path: Path, files: dict[str, Path]) -> None:
    """Writes a zip whose pages are at its top; the same files give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, file in files.items():
                entry = zipfile.ZipInfo(name, _FIRST)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, file.read_bytes())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
