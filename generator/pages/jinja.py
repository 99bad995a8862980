"""Jinja templates -> Markdown; every failure becomes a `PageError`.

In: the settings, and the values that a page may use. Out: text. It does not know which pages
there are, and it writes nothing.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import jinja2
import jinja2.parser

from generator.errors import ConfigurationError, ExerciseError, PageError
from generator.files.addresses import without_secrets
from generator.files.compiled_templates import CompiledTemplates
from generator.files.fingerprint import fingerprint, sha256_of
from generator.files.time_limit import TimeIsUp, at_most
from generator.measures.digits import in_digits
from generator.pages.escape import address, block, plain, quoted, readable
from generator.pages.formulas import render_formulas
from generator.pages.other_hosts import in_html, told
from generator.pages.sandbox import Sandbox
from generator.pages.structure import refuse_deep
from generator.pages.undefined import Undefined, with_nearest
from generator.project.config import SiteConfig
from generator.project.experiments import FOLDER as EXPERIMENTS
from generator.project.overlay import content_of, templates_of
from generator.project.source_lines import Sources
from generator.project.yaml_source import HEAD

MOST_SECONDS = 30
"""Of a processor, for one page; the longest of the handout's own takes a second."""
_CODE = re.compile(r"^ *(```|~~~).*?^ *\1|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_PICTURE = re.compile(r"!\[[^\]\n]{0,999}\]\(\s{0,9}<?((?:https?:)?//[^)\s>]+)", re.IGNORECASE)


_FILTERS: Mapping[str, Callable[..., Any]] = {
    "plain": plain,
    "address": address,
    "readable": readable,
    "quoted": quoted,
    "block": block,
    "without_secrets": without_secrets,
    "in_digits": in_digits,
}


class _Environment(Sandbox):
    """Reports which templates are used, including those that other templates include."""

    report: Callable[[str], None]

    def get_template(self, name: Any, parent: Any = None, globals: Any = None) -> jinja2.Template:
        """As in `jinja2.Environment`."""
        self.report(str(name))
        return super().get_template(name, parent, globals)

    def select_template(
        self, names: Any, parent: Any = None, globals: Any = None
    ) -> jinja2.Template:
        """As in `jinja2.Environment`."""
        for name in names:
            self.report(str(name))
        return super().select_template(names, parent, globals)


class _Loader(jinja2.FileSystemLoader):
    """Reads what lies in the folders, and no link that leads out of them and the project.

    The YAML at the head of an experiment is left out; lines keep their numbers.
    """

    def __init__(self, folders: Sequence[Path], root: Path) -> None:
        super().__init__(folders)
        self._roots = [one.resolve() for one in (*folders, root)]

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """As in `jinja2.FileSystemLoader`."""
        text, file, is_current = super().get_source(environment, template)
        if not any(Path(file).resolve().is_relative_to(one) for one in self._roots):
            raise jinja2.TemplateError(f"`{template}` is a link that leads out of the project")
        if template.startswith(f"{EXPERIMENTS}/"):
            text = HEAD.sub(lambda head: "\n" * head[0].count("\n"), text)
        return text, file, is_current


class TemplateDigests(Mapping[str, str]):
    """The digest of each template's text, by its name; "" if there is no such template."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._known: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        if name not in self._known:
            parts = [part for part in name.split("/") if part]  # as Jinja's loader reads it
            paths = (folder.joinpath(*parts) for folder in self._folders)
            digests = (sha256_of(path) for path in paths if path.is_file())
            self._known[name] = next(digests, "")
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class Renderer:
    """Renders the files of `content` and `templates`.

    Attributes:
        digests: of the templates; `reading` reports those that are used.

    Comments are `<# ... #>`, as `{#` begins the id of a heading. Values are not escaped
    automatically, since a page is Markdown: the filters `plain`, `address`, `readable` and
    `quoted` of `escape` do that; `in_digits` writes a number. A name that does not exist is an
    error.
    """

    def __init__(self, config: SiteConfig) -> None:
        self._sources = Sources(config)
        self._content = content_of(config).folders
        self._folders = (*self._content, *templates_of(config).folders)
        self.digests = TemplateDigests(self._folders)
        self._environment = _Environment(
            _FILTERS,
            loader=_Loader(self._folders, config.root),
            bytecode_cache=CompiledTemplates(f"pages-{fingerprint(__name__)[:16]}"),
            undefined=Undefined,
            comment_start_string="<#",
            comment_end_string="#>",
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.report = lambda _: None

    @contextmanager
    def reading(self, report: Callable[[str], None]) -> Iterator[None]:
        """While open, calls `report` with the name of every template that is used."""
        self._environment.report, before = report, self._environment.report
        try:
            yield
        finally:
            self._environment.report = before

    def page(self, name: str, values: Mapping[str, Any]) -> str:
        """A page in Markdown, its formulas rendered.

        Raises:
            PageError: names the file and, where it is known, the line.
        """
        markdown = self.text(name, values)
        try:
            with at_most(MOST_SECONDS):
                refuse_deep(markdown, lambda text: self._sources.place(name, text))
                self._refuse_other_hosts(name, markdown)
            if "$" not in markdown and "\\begin" not in markdown:
                return markdown
            return render_formulas(markdown, lambda text: self._sources.place(name, text))
        except TimeIsUp as error:
            raise self._page_error(name, error) from error

    def text(self, name: str, values: Mapping[str, Any]) -> str:
        """A template filled in.

        Raises:
            PageError: names the file and, where it is known, the line.
            ConfigurationError, ExerciseError: the page needs a file that cannot be read.
        """
        with self._explained(name, values), at_most(MOST_SECONDS):
            return self._environment.get_template(name).render(values)

    def macros(self, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """The macros of a template, by name; they see `values`.

        Raises:
            PageError: the template cannot be read.
        """
        with self._explained(name, values), at_most(MOST_SECONDS):
            module = self._environment.get_template(name).make_module(dict(values))
        return {key: value for key, value in vars(module).items() if not key.startswith("_")}

    @contextmanager
    def _explained(self, name: str, values: Mapping[str, Any]) -> Iterator[None]:
        try:
            yield
        except (ConfigurationError, ExerciseError):  # they name the place themselves
            raise
        except (Exception, TimeIsUp) as error:  # an author's expression can raise anything
            raise self._page_error(name, error, values) from error

    def _refuse_other_hosts(self, name: str, markdown: str) -> None:
        """Refuses pictures and other elements that a browser would load from another host.

        Ordinary links are fine, since a browser follows them only when they are clicked.
        """
        written = _CODE.sub("", HEAD.sub("", markdown))
        for one in (*_PICTURE.findall(written), *in_html(written)):
            raise PageError(f"{self._sources.place(name, one)}: {told(one)}")

    def _page_error(self, name: str, error: BaseException, values: Iterable[str] = ()) -> PageError:
        if isinstance(error, jinja2.TemplateNotFound):
            return PageError(f"{error.name}: this page or template is missing; put it back")
        if isinstance(error, UnicodeDecodeError):
            return PageError(
                f"{self._sources.label(self._path(name))}: not UTF-8; save it as UTF-8"
            )
        if isinstance(error, jinja2.TemplateSyntaxError):
            label = self._sources.label(Path(error.filename or name))
            told = with_nearest(error.message or "", (), self._environment.filters)
            return PageError(f"{label}:{error.lineno}: {told}")
        told = with_nearest(_sentence(error), [*values, *self._environment.globals])
        return PageError(f"{self._place_of_error(name, error)}: {told}")

    def _place_of_error(self, name: str, error: BaseException) -> str:
        """The deepest line in the page or in a text that it includes, not one in a macro."""
        page = self._path(name)
        places = [self._sources.label(page)]
        for frame, line in traceback.walk_tb(error.__traceback__):
            file = Path(frame.f_code.co_filename)
            if file == page or any(one in file.parents for one in self._content):
                places.append(f"{self._sources.label(file)}:{_line_in_template(frame, line)}")
            elif isinstance(parser := frame.f_locals.get("self"), jinja2.parser.Parser):
                places.append(f"{self._sources.label(page)}:{parser.stream.current.lineno}")
        return places[-1]

    def _path(self, name: str) -> Path:
        paths = [folder / name for folder in self._folders]
        return next((path for path in paths if path.is_file()), paths[-1])


def _line_in_template(frame: FrameType, line: int) -> int:
    """Jinja itself tells the lines of most errors, but not where the time was up."""
    template = frame.f_globals.get("__jinja_template__")
    return template.get_corresponding_lineno(line) if template is not None else line


def _sentence(error: BaseException) -> str:
    if isinstance(error, PageError | jinja2.TemplateError):
        return str(error)
    if isinstance(error, TimeIsUp):
        return f"this was not done after {MOST_SECONDS} seconds; is there a loop without an end?"
    if isinstance(error, RecursionError):
        return "this goes too deep; does a macro or a page call itself?"
    if isinstance(error, MemoryError):
        return "this asks for more memory than any page needs"
    return f"this cannot be computed ({type(error).__name__}: {error})"
