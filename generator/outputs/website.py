"""The pages -> a MkDocs project -> the static site, by MkDocs in strict mode or by Zensical.

In: the contents of the pages. Out: `docs/`, `mkdocs.yml` and `site/` of an edition's folder.
Every warning is an error here: a broken link is found before a student finds it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Set
from importlib import metadata
from pathlib import Path
from typing import Any

from generator.exercises.fill_in import FOLDER as DOWNLOADS
from generator.files.exchange import exchange
from generator.files.fingerprint import (
    digest_of,
    digest_of_folders,
    fingerprint,
    sha256_of,
)
from generator.files.folders import ATTENTION, PICTURES, BuildFolder
from generator.files.sealed import read_sealed, write_sealed
from generator.files.walk import names_below, sizes_and_times_below
from generator.files.write import copy_if_different, write_folder
from generator.outputs.listed import listed_files, remove_unlisted
from generator.outputs.live.lab_scripts import publish_lab, remove_lab
from generator.outputs.mkdocs_run import Place, run_mkdocs
from generator.outputs.no_other_host import refuse_other_hosts
from generator.outputs.output import EditionBuild, Staged, read_stamp, write_stamp
from generator.outputs.zensical_run import MAIN, run_zensical
from generator.pages.comparisons import captions_of
from generator.pages.contents import Contents
from generator.pages.render import write_pages
from generator.project.config import Engine
from generator.project.config import Output as OutputName
from generator.project.overlay import TEMPLATES, Overlay, standard_root, templates_of
from generator.project.source_lines import Sources

_STAMP, _DOCS, _NO_OTHER_HOST = "site", "docs", "no_other_host"
_SETTINGS = "mkdocs.yml.j2"
_BORDER = tuple(
    f"generator.{name}"
    for name in ("analysis", "detr", "errors", "exercises", "figures", "inference", "measures",
                 "outputs.live", "pages", "project")
)  # fmt: skip
"""What is not followed: pages and pictures count as they are."""
_PACKAGES = ("markdown", "mkdocs", "mkdocs-material", "pygments", "pymdown-extensions")
"""The packages that make the site; MkDocs imports the others by the names in its settings."""


class Website:
    """The static site, an `outputs.output.Output`."""

    name: OutputName = "site"
    summary = "Open {path}/index.html in a browser"

    def stage(self, edition: EditionBuild, contents: Contents) -> Staged:
        """Writes the pages, and builds the site next to an earlier one, unless it is up to date.

        Raises:
            PageError: names the file and line of content or of a template.
            WebsiteError: every complaint of MkDocs, one line each, with the page.
        """
        folder = edition.folder
        write_pages(edition.config, contents, folder, edition.page_store(self.name))
        publish_lab(folder, edition.config)
        if folder != edition.pictures:
            copy_pictures(edition.pictures.docs, folder.docs)
        listed = listed_files(folder, contents)
        remove_unlisted(folder.docs, listed)
        key = _key(folder, templates_of(edition.config), listed, edition.config.engine)
        if read_stamp(folder.stamp(_STAMP)) == {"key": key, "files": _listing(folder.site)}:
            return Staged(lambda: folder.site, is_new=False)
        sources = Sources(edition.config)
        captions = captions_of(contents.results)
        templates, engine = templates_of(edition.config), edition.config.engine
        if engine == "zensical":
            main = templates.file(MAIN)
            stage_website(folder, listed, sources.place, captions, engine=engine, main=main)
        else:
            keeps_pages = _has_our_settings(templates)
            stage_website(folder, listed, sources.place, captions, keeps_pages=keeps_pages)
        return Staged(lambda: _publish(folder, key), is_new=True)

    def remove(self, edition: EditionBuild) -> None:
        """Removes the site and its pages, but not the pictures."""
        folder = edition.folder
        shutil.rmtree(folder.site, ignore_errors=True)
        write_folder(folder.docs, {}, folder.pages_listing)
        shutil.rmtree(folder.docs / DOWNLOADS, ignore_errors=True)
        remove_lab(folder)
        folder.settings.unlink(missing_ok=True)
        folder.stamp(_STAMP).unlink(missing_ok=True)
        folder.pages_listing.unlink(missing_ok=True)


def stage_website(
    folder: BuildFolder,
    listed: Set[str] | None = None,
    place: Place = lambda file, _: file,
    captions: Mapping[str, str] | None = None,
    *,
    keeps_pages: bool = True,
    engine: Engine = "mkdocs",
    main: Path | None = None,
) -> None:
    """Builds the site next to an earlier one, which stays as it is.

    Args:
        folder: the one that `write_pages` wrote into.
        listed: the files of `docs` that may be published; None means all.
        place: finds a piece of a page in the author's files.
        captions: of the images, by the files of their pages, in the order of the gallery.
        keeps_pages: whether pages that did not change need not be converted again by MkDocs.
        engine: what makes the site.
        main: Zensical's template around every page; None is ours.

    Raises:
        PageError: a page that takes too long or goes too deep, or that would ask another host.
        WebsiteError: every complaint of the engine, one line each, with the page.
    """
    shutil.rmtree(folder.staged_site, ignore_errors=True)
    try:
        said = captions or {}
        if engine == "zensical":
            ours = standard_root() / TEMPLATES / MAIN
            run_zensical(folder, listed, place, said, main or ours)
        else:
            key = _settings_key(folder) if keeps_pages else None
            run_mkdocs(folder, listed, place, list(said), key, said)
        refuse_other_hosts(folder.staged_site, place, folder.stamp(_NO_OTHER_HOST))
    except BaseException:
        shutil.rmtree(folder.staged_site, ignore_errors=True)
        raise


def copy_pictures(source: Path, target: Path) -> None:
    """Makes the pictures of a `docs` folder, and what explorers load, those of another one."""
    for name in (*PICTURES, ATTENTION):
        wanted = names_below(source / name)
        for file in wanted:
            copy_if_different(source / name / file, target / name / file)
        for file in set(names_below(target / name)).difference(wanted):
            (target / name / file).unlink()


def _publish(folder: BuildFolder, key: str) -> Path:
    """Replaces an earlier site by the one that was staged, at one stroke where that can be."""
    if not folder.site.exists():
        folder.staged_site.rename(folder.site)
    elif not exchange(folder.staged_site, folder.site):
        shutil.rmtree(folder.earlier_site, ignore_errors=True)
        folder.site.rename(folder.earlier_site)
        folder.staged_site.rename(folder.site)
    for earlier in (folder.staged_site, folder.earlier_site):
        if earlier.is_symlink():  # somebody had put a link in the place of the site
            earlier.unlink()
        shutil.rmtree(earlier, ignore_errors=True)
    write_stamp(folder.stamp(_STAMP), {"key": key, "files": _listing(folder.site)})
    return folder.site


def _key(folder: BuildFolder, templates: Overlay, listed: Set[str], engine: Engine) -> str:
    """A key of everything that the site is made from.

    An author's `mkdocs.yml.j2` may name further files of `templates`, such as a theme's.
    """
    names = ("assets", "fonts", "handout")
    rendered = {folder for name in names for folder in templates.below(name).folders}
    values = {
        "further": digest_of_folders(
            templates.folders,
            lambda path: path.suffix != ".j2" and rendered.isdisjoint(path.parents),
        ),
        "docs": _content(folder.docs, folder.stamp(_DOCS).with_suffix(".files")),
        "listed": sorted(listed),
        "settings": _settings_key(folder),
        "engine": engine if engine == "mkdocs" else f"{engine} {metadata.version(engine)}",
    }
    return fingerprint(__name__, border=_BORDER, values=values)


def _has_our_settings(templates: Overlay) -> bool:
    """Whether MkDocs is told by our template; an author's own may bring hooks and snippets."""
    own, ours = templates.file(_SETTINGS), standard_root() / TEMPLATES / _SETTINGS
    return own.is_file() and ours.is_file() and own.read_bytes() == ours.read_bytes()


def _settings_key(folder: BuildFolder) -> str:
    """A key of what MkDocs is told, and of the packages that convert a page."""
    versions = {name: metadata.version(name) for name in _PACKAGES}
    return fingerprint(
        "generator.outputs.known_pages",
        values={"settings": sha256_of(folder.settings), "versions": versions},
    )


def _listing(site: Path) -> str:
    """A digest of a site's files: their names, sizes and times."""
    return digest_of(sizes_and_times_below(site))


def _content(docs: Path, file: Path) -> str:
    """A digest of the names and bytes of all files; those of the same size and time are not read.

    Args:
        file: keeps what was read.
    """
    try:
        before: dict[str, list[Any]] = json.loads(read_sealed(file))
    except (OSError, ValueError):
        before = {}
    now = {}
    for name, size, time in sizes_and_times_below(docs):
        known = before.get(name)
        if known is None or known[:2] != [size, time]:
            known = [size, time, sha256_of(docs / name)]
        now[name] = known
    if now != before:
        write_sealed(file, json.dumps(now, separators=(",", ":")).encode())
    return digest_of([(name, digest) for name, (_, _, digest) in now.items()])
