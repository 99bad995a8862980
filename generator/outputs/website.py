"""The written MkDocs project -> the static site, by MkDocs itself, strictly.

In: a `build` folder with `mkdocs.yml` and `docs/`. Out: `build/site`. Whatever MkDocs
warns of is an error here: a broken link is found before a student finds it.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from generator.errors import WebsiteError

# Material's own switch for the notice that it prints when it is imported; and the day that
# MkDocs writes into sitemap.xml.gz, the one thing that would differ from build to build.
_ENVIRONMENT = {"NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "0"}
# Where a site is built; a name that MkDocs and web servers pass over.
_STAGED = ".site"


def stage_website(build: Path) -> None:
    """Builds the site beside an earlier one, which stays as it is.

    Args:
        build: the folder that `write_pages` wrote into.

    Raises:
        WebsiteError: everything that MkDocs complained of, a line each, with the page.
    """
    staged = build / _STAGED
    try:
        _run_mkdocs(build, staged)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise


def publish_website(build: Path) -> Path:
    """Puts the site that was staged in the place of an earlier one.

    Returns:
        The folder of the site.
    """
    site, before = build / "site", build / f"{_STAGED}.before"
    shutil.rmtree(before, ignore_errors=True)
    if site.exists():
        site.rename(before)
    (build / _STAGED).rename(site)
    shutil.rmtree(before, ignore_errors=True)
    return site


def _run_mkdocs(build: Path, site: Path) -> None:
    with _defaults(_ENVIRONMENT), _complaints() as complaints:
        from mkdocs.commands.build import build as run_mkdocs
        from mkdocs.config import load_config
        from mkdocs.exceptions import MkDocsException

        try:
            config = load_config(str(build / "mkdocs.yml"), strict=True, site_dir=str(site))
            config.plugins.on_startup(command="build", dirty=False)
            try:
                run_mkdocs(config)
            finally:
                config.plugins.on_shutdown()
        except (MkDocsException, OSError) as error:
            reasons = complaints or [str(error)]
            raise WebsiteError("MkDocs refused the site:\n" + "\n".join(reasons)) from error


@contextmanager
def _defaults(variables: Mapping[str, str]) -> Iterator[None]:
    """Sets environment variables that are not set, for a while."""
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
