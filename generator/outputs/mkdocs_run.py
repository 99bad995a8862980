"""One run of MkDocs, with the plugins of our own, in strict mode.

In: a folder with `docs/` and `mkdocs.yml`. Out: its staged site, or every complaint as one error.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from generator.errors import WebsiteError
from generator.files.folders import BuildFolder

if TYPE_CHECKING:
    from generator.outputs.known_pages import KnownPages
    from generator.outputs.markdown_limit import PageLimit

# Material's own switch for the notice that it prints when it is imported; and the date that
# MkDocs writes into sitemap.xml.gz, which alone would differ from build to build.
_ENVIRONMENT = {"NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "0"}

Place = Callable[[str, str], str]
"""From a page's file and a piece of its text to "content/q1.md:12"."""


def run_mkdocs(
    folder: BuildFolder,
    listed: Set[str] | None,
    place: Place,
    images: Sequence[str],
    pages_key: str | None,
    captions: Mapping[str, str],
) -> None:
    """Lets MkDocs make the staged site of a folder.

    Args:
        folder: with `docs/` and `mkdocs.yml`.
        listed: the files of `docs` that may be published; None means all.
        place: finds a piece of a page in the author's files.
        images: the files of the images' pages, in the order of the gallery.
        pages_key: names what all pages depend on, so that those that did not change need not be
            converted again; None converts all of them.
        captions: of images, by the files of their pages; the search knows these and the titles.

    Raises:
        PageError: a page that takes too long or goes too deep.
        WebsiteError: every complaint of MkDocs, one line each, with the page.
    """
    with _defaults(_ENVIRONMENT), _complaints() as complaints:
        import markdown
        from mkdocs.commands.build import build
        from mkdocs.config import load_config
        from mkdocs.exceptions import MkDocsException

        from generator.outputs.compiled_theme import make_quick
        from generator.outputs.known_pages import KnownPages
        from generator.outputs.markdown_limit import GONE_TOO_FAR, PageLimit, page_error

        limit = PageLimit()
        try:
            config = load_config(
                str(folder.settings), strict=True, site_dir=str(folder.staged_site)
            )
            make_quick(config.theme)
            known = None
            if pages_key is not None:
                known = KnownPages(folder.stamp("mkdocs").with_suffix(".pages"), pages_key)
            ours = _plugins(folder, listed, images, captions, limit, known)
            for name, plugin in ours.items():  # each is registered as it is set
                config.plugins[name] = plugin
            config.plugins.on_startup(command="build", dirty=False)
            try:
                build(config)
            finally:
                limit.close()
                config.plugins.on_shutdown()
            if known is not None:
                known.save()
        except GONE_TOO_FAR as error:
            options = {"extensions": config["markdown_extensions"]}
            converter = markdown.Markdown(**options, extension_configs=config["mdx_configs"])
            raise page_error(error, limit.file, limit.text, converter.convert, place) from None
        except (MkDocsException, OSError) as error:
            reasons = complaints or [str(error)]
            raise WebsiteError("MkDocs refused the site:\n" + "\n".join(reasons)) from error


def _plugins(
    folder: BuildFolder,
    listed: Set[str] | None,
    images: Sequence[str],
    captions: Mapping[str, str],
    limit: PageLimit,
    known: KnownPages | None,
) -> dict[str, Any]:
    """Our plugins by name, in the order in which MkDocs calls them.

    Args:
        listed, images, captions: as for `run_mkdocs`.
        limit: of what a page may take.
        known: the pages that need not be converted; None if all are.
    """
    from generator.outputs.downloads import SOCIAL
    from generator.outputs.gallery_menu import GalleryMenu
    from generator.outputs.gallery_order import gallery_indexes
    from generator.outputs.linked_files import LinkedFiles
    from generator.outputs.not_found import NotFound
    from generator.outputs.only_listed import OnlyListed
    from generator.outputs.open_graph import OpenGraph
    from generator.outputs.search_captions import SearchCaptions

    plugins = {
        "only_listed": None if listed is None else OnlyListed(listed),
        "gallery_menu": GalleryMenu(gallery_indexes(folder.docs), images),
        "linked_files": LinkedFiles(),
        "not_found": NotFound(),
        "open_graph": OpenGraph(SOCIAL if images else None),  # it shows one of them
        "page_limit": limit,
        "known_pages": known,
        "search_captions": SearchCaptions(captions),  # after the pages that are known
    }
    return {name: plugin for name, plugin in plugins.items() if plugin is not None}


@contextmanager
def _defaults(variables: Mapping[str, str]) -> Iterator[None]:
    """While open, sets environment variables that are not set."""
    missing = {name: value for name, value in variables.items() if name not in os.environ}
    os.environ.update(missing)
    try:
        yield
    finally:
        for name in missing:
            os.environ.pop(name, None)


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """The warnings and errors of MkDocs and its plugins, kept from the terminal."""
    logger = logging.getLogger("mkdocs")
    collector = _Collector()
    propagated, logger.propagate = logger.propagate, False
    logger.addHandler(collector)
    try:
        yield collector.messages
    finally:
        logger.removeHandler(collector)
        logger.propagate = propagated
