"""What was measured + content/ and templates/ -> the Markdown of the site and its mkdocs.yml.

In: the configuration, the results of a build, the models' cards. Out: `build/docs/*.md`,
`build/docs/gallery/*.md`, `build/docs/assets/` and `build/mkdocs.yml`: an ordinary MkDocs
project. Everything is rendered before the first file is written. Pictures are somebody
else's; they are linked, not opened.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.errors import PageError
from generator.exercises.fill_in import downloads
from generator.exercises.guard import refuse_answers
from generator.exercises.known_forms import known_forms
from generator.files.folders import BuildFolder, CacheFolder
from generator.files.write import write_folder, write_if_different
from generator.pages.assets import assets_of
from generator.pages.contents import Contents
from generator.pages.figure_numbers import chapters, image_figure_numbers
from generator.pages.glossary import FILE as GLOSSARY
from generator.pages.glossary import link_terms, terms_of
from generator.pages.image_rows import detection_rows, point_rows
from generator.pages.jinja import Renderer
from generator.pages.links import Links
from generator.pages.offered import scenes_file
from generator.pages.page_store import Files, PageStore
from generator.pages.planned_gallery import planned_gallery
from generator.pages.query_marks import QueryMarks
from generator.pages.read_checker import Checker
from generator.pages.reads import Reads
from generator.pages.values import HAND_IN, LINKS, WORKSHEETS, page_values
from generator.project.config import Output, SiteConfig
from generator.project.headings import first_heading
from generator.project.overlay import Overlay, content_of, templates_of

PAGES = {
    "index": "Home",
    "q1": "Q1 The model",
    "q2": "Q2 Gallery",
    "q3": "Q3 Attention",
    "about": "About",
}
"""File name and title of each page that every site has, in the order of the menu."""

SETTINGS, _NOT_FOUND = "mkdocs.yml", "404.html.j2"
_TEMPLATES = "the templates"
"""The root by which a page's templates are known."""


def write_pages(
    config: SiteConfig, contents: Contents, folder: BuildFolder, store: PageStore | None = None
) -> None:
    """Writes the MkDocs project of a site.

    A file is written only when its bytes differ, and pages of an earlier build that no
    longer belong are removed; other files in `docs` stay.

    Args:
        config: the site's settings.
        contents: what the pages tell of.
        folder: made if it is missing.
        store: what was rendered before.

    Raises:
        PageError: names the file and line of content or of a template.
    """
    pages, settings = render_pages(config, contents, store=store)
    files = {name: text.encode() for name, text in pages.items()} | assets_of(templates_of(config))
    write_folder(folder.docs, files, folder.pages_listing)
    write_if_different(folder.settings, settings.encode())


def render_pages(
    config: SiteConfig,
    contents: Contents,
    target: Output = "site",
    store: PageStore | None = None,
) -> tuple[dict[str, str], str]:
    """Renders every page, or takes it from the store, and writes none.

    Args:
        target: what the pages are for; content and templates may ask.
        store: what was rendered before for the same edition and target.

    Returns:
        Markdown, diagrams and plots in SVG and exercises to download, by file name in `docs`,
        and the text of mkdocs.yml.

    Raises:
        PageError: names the file and line of content or of a template.
        ExerciseError, ConfigurationError: an exercise or the claims cannot be read.
    """
    rendering = _Rendering(config, contents, target, store or PageStore(None))
    pages = rendering.pages()
    settings = rendering.settings()
    rendering.store.save()
    return pages, settings


class _Rendering:
    """All pages of one edition, rendered for one output."""

    def __init__(
        self, config: SiteConfig, contents: Contents, target: Output, store: PageStore
    ) -> None:
        self._config, self._contents, self._target = config, contents, target
        self.store = store
        self._renderer = Renderer(config)
        self._added = _added_pages(content_of(config))
        self._roots = page_values(config, contents, target, PAGES, self._added)
        self._roots |= {_TEMPLATES: self._renderer.digests, "chapter": ""}
        self._checker = Checker(self._roots)
        self._chapters = chapters(self._added)
        glossary = content_of(config).file(GLOSSARY)
        self._terms = terms_of(_text_of(glossary)) if glossary.is_file() else ()

    def pages(self) -> dict[str, str]:
        """All but the settings."""
        pages: dict[str, str] = {}
        for name in (*PAGES, *self._added):
            if name != "q2":
                pages |= self._page(f"{name}.md", f"{name}.md", {"chapter": self._chapters[name]})
        chapter = self._chapters["q2"]
        for one in planned_gallery(self._config, self._contents, self._target, chapter):
            pages |= self._page(one.file, one.template, one.own, one.introduction)
        if templates_of(self._config).file(_NOT_FOUND).is_file():  # older courses have none
            pages |= self._page("404.html", _NOT_FOUND)
        for workflow in self._roots["workflows"]:
            own = {"flow": workflow, "standalone": True}
            pages |= self._page(workflow.file, "workflow.svg.j2", own)
        pages |= self._made("plots", self._plots)
        pages |= self._made("downloads", self._downloads)
        return pages

    def settings(self) -> str:
        """The text of mkdocs.yml."""
        # An added page is called in the menu what it calls itself.
        pages = [{title: f"{name}.md"} for name, title in PAGES.items()]
        nav = [*pages[:-1], *(f"{name}.md" for name in self._added), pages[-1]]
        return self._page(SETTINGS, "mkdocs.yml.j2", {"nav": nav})[SETTINGS]

    def _page(
        self,
        name: str,
        template: str,
        own: Mapping[str, Any] | None = None,
        introduction: str = "",
    ) -> dict[str, str]:
        """One page, or one file that a template makes.

        Args:
            own: values of this page alone.
            introduction: a template that is rendered first, for the page to put where it likes.
        """

        def render(reads: Reads) -> Files:
            values = self._tools(reads, folder="../" if name.startswith("gallery/") else "")
            if introduction:
                values["introduction"] = self._renderer.page(introduction, values)
            if not name.endswith(".md"):
                return {name: self._renderer.text(template, values)}
            text = self._renderer.page(template, values)
            return {name: self._with_glossary(name, text, values["folder"], reads)}

        return self._made(name, render, own)

    def _with_glossary(self, name: str, text: str, folder: str, reads: Reads) -> str:
        """A page of the site, whose words lead to the glossary where they stand first."""
        if self._target != "site" or name == GLOSSARY:
            return text
        _note_template(reads, GLOSSARY)
        return link_terms(text, self._terms, folder)

    def _made(self, name: str, render: Any, own: Mapping[str, Any] | None = None) -> dict[str, str]:
        """The files of one page, which are rendered and searched if need be."""
        roots = {**self._roots, **own} if own else self._roots
        checker = Checker(own, self._checker) if own else self._checker

        def render_and_search(reads: Reads) -> Files:
            with self._renderer.reading(lambda one: _note_template(reads, one)):
                files: Files = render(reads)
            if self._config.edition != "instructor":
                refuse_answers(files, self._accepted, self._config)
            return files

        return dict(self.store.files(name, roots, checker, render_and_search))

    @functools.cached_property
    def _accepted(self) -> Mapping[str, Sequence[str]]:
        """Every form of every answer; what a student's page says is searched for them."""
        config = self._config
        return known_forms(
            content_of(config).below("exercises"), CacheFolder.of(config.root).exercises
        )

    def _tools(self, reads: Reads, folder: str) -> dict[str, Any]:
        """Everything that a page may use, the macros and `ref` among it.

        Args:
            folder: the way from the page's folder to `docs`, "" or "../".
        """
        values: dict[str, Any] = {**reads.views(), "folder": folder, "is_report": False}
        if "result" in values:
            values["detections"] = detection_rows(values["result"].detections)
            values["points"] = point_rows(values["result"].points, values["result"].shapes)
            values["figure_numbers"] = image_figure_numbers(values["result"])
        links = Links(reads.view(LINKS), (*PAGES, *self._added), folder)
        values["ref"] = links.ref
        values["query"] = QueryMarks.of(values, folder).query
        return values | self._renderer.macros("macros.md.j2", values)

    def _plots(self, reads: Reads) -> Files:
        """The plot of each claim as a file that stands alone, for paper."""
        files = {}
        values = self._tools(reads, folder="")
        for card in reads.view("claims"):
            if card.is_testable:
                own = {"plot": card.plot, "standalone": True}
                files[card.plot.file] = self._renderer.text("claim.svg.j2", {**values, **own})
        return files

    def _downloads(self, reads: Reads) -> Files:
        """The files of the exercises, the notebook to hand in, and the scenes of the lab."""
        worksheets = tuple(reads.view(WORKSHEETS))
        return {
            **downloads(worksheets, instructor=self._roots["instructor"]),
            **dict(reads.view(HAND_IN)),
            **scenes_file(tuple(reads.view("experiments"))),
        }


def _note_template(reads: Reads, name: str) -> None:
    reads.look_up(_TEMPLATES, name)


def _added_pages(content: Overlay) -> dict[str, str]:
    """Name and title of the pages that an author added to the five.

    Raises:
        PageError: one has the name of a page of the gallery.
    """
    added = {}
    for path in content.files("*.md").values():
        if path.stem in PAGES:
            continue
        if re.fullmatch(r"q2-(\d+|all)", path.stem):
            raise PageError(f"{path.name}: the gallery's own pages have such names; rename it")
        added[path.stem] = first_heading(_text_of(path), 1) or path.stem
    return added


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise PageError(f"{path.parent.name}/{path.name}: not UTF-8; save it as UTF-8") from error
