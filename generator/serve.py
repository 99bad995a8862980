"""Shows a course in its author's browser, and builds what changed whenever a file is saved.

In: a project. Out: a site at an address of this computer, until Ctrl-C. After a mistake the site
from before stays, with the mistake above it. One process does it all: what it imported stays.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from watchfiles import Change, DefaultFilter, watch

from generator.build.recipe import BuildOptions, build
from generator.course.preview import News, serving
from generator.errors import GeneratorError, sentence_of
from generator.files.folders import BUILD, CACHE, INSTRUCTOR, BuildFolder
from generator.project.config import Edition, load_config
from generator.project.gallery import load_project
from generator.project.overlay import content_of, templates_of

logger = logging.getLogger("generator")

_PAUSE_MS = 50
"""What is saved within so many milliseconds is one change."""
_MOST_NAMED = 3


@dataclass(frozen=True)
class Wishes:
    """What the command line says.

    Attributes:
        edition: in place of the configuration's own.
        port: the first that is tried.
        offline: download nothing.
        jobs: processes that draw.
    """

    edition: Edition | None
    port: int
    offline: bool
    jobs: int


def serve(
    config: Path, wishes: Wishes, tell: Callable[[str], None], opened: Callable[[str], object]
) -> None:
    """Builds and serves until it is interrupted.

    Args:
        config: site_config.yml.
        tell: says something to the author.
        opened: is given the address once the site can be seen there.

    Raises:
        ConfigurationError: the settings have problems from the beginning.
        UsageError: no port is free.
    """
    edition = wishes.edition or load_config(config).edition
    folder = BuildFolder.of(config.parent)
    site = folder.path / INSTRUCTOR / "site" if edition == "instructor" else folder.site
    news, preview = News(), _Builder(config, wishes, tell)
    with serving(site, news, wishes.port) as address:
        tell(f"{address} shows the site, and each change of it. Ctrl-C ends it.")
        changes = _Changes(config)
        changes.watch(preview.watched())  # first: what is saved while it builds counts, too
        preview.build(news, ())
        opened(address)
        if logger.level == logging.INFO:  # of later builds one line each is enough
            logger.setLevel(logging.WARNING)
        while True:
            changes.watch(preview.watched())
            preview.build(news, changes.next())


class _Builder:
    """Builds the site alone; the PDF stays as it was."""

    def __init__(self, config: Path, wishes: Wishes, tell: Callable[[str], None]) -> None:
        self._config, self._wishes, self._tell = config, wishes, tell
        self._watched = {config.parent.resolve() / name for name in ("content", "templates")}

    def build(self, news: News, changed: Iterable[Path]) -> None:
        """Builds once, and tells what came of it."""
        started, wishes = time.monotonic(), self._wishes
        options = BuildOptions(
            self._config,
            offline=wishes.offline,
            jobs=wishes.jobs,
            edition=wishes.edition,
            leave_out={"pdf"},
            wait=True,
        )
        try:
            report = build(options)
        except GeneratorError as error:
            self._say(news, str(error))
        except OSError as error:
            self._say(news, sentence_of(error))
        except Exception as error:  # the next text may do better
            logger.debug("", exc_info=True)
            self._say(news, f"{type(error).__name__}: {error}")
        else:
            failed = [one for one in report.statuses if one.status == "failed"]
            news.tell(
                is_new=not report.is_unchanged,
                mistake="\n".join(f"{one.slug}: {one.reason}" for one in failed),
            )
            what = _named(changed, self._config.parent.resolve())
            done = "nothing to do" if report.is_unchanged else "built"
            self._tell(f"{what}{done} in {time.monotonic() - started:.1f} s")

    def _say(self, news: News, mistake: str) -> None:
        news.tell(is_new=False, mistake=mistake)
        self._tell(f"{mistake}\nThe site is still the one from before.")

    def watched(self) -> Set[Path]:
        """Every folder that the project reads something of; the last ones while it is broken."""
        with suppress(GeneratorError):
            config, gallery = load_project(self._config)
            files = [config.gallery]
            files += [one for entry in gallery for one in (entry.file, entry.annotations) if one]
            self._watched = {
                *content_of(config).folders,
                *templates_of(config).folders,
                *(file if file.is_dir() else file.parent for file in files),
            }
        return self._watched


class _Changes:
    """What is saved in the folders of a project, while they are watched and in between."""

    def __init__(self, config: Path) -> None:
        self._config, self._root = config.resolve(), config.parent.resolve()
        self._found: queue.Queue[set[Path]] = queue.Queue()
        self._folders: Set[Path] = frozenset()
        self._end = threading.Event()
        # The project's own folder holds what is built, and perhaps an environment: not what is
        # below it is watched, only what is in it.
        self._start((self._root,), recursive=False, end=threading.Event())

    def watch(self, folders: Set[Path]) -> None:
        """Watches these folders, and no others but the project's own."""
        wanted = {one for one in folders if one.is_dir() and one != self._root}
        if wanted != self._folders:
            self._end.set()
            self._folders, self._end = wanted, threading.Event()
            if wanted:
                self._start(sorted(wanted), recursive=True, end=self._end)

    def _start(self, folders: Iterable[Path], *, recursive: bool, end: threading.Event) -> None:
        def listen() -> None:
            for found in watch(
                *folders,
                watch_filter=self._filter,
                step=_PAUSE_MS,
                recursive=recursive,
                stop_event=end,
                raise_interrupt=False,
            ):
                self._found.put({Path(path) for _, path in found})

        threading.Thread(target=listen, daemon=True).start()

    def next(self) -> set[Path]:
        """Waits for changes; all that were found by then are one."""
        found = self._found.get()
        time.sleep(_PAUSE_MS / 1000)
        with suppress(queue.Empty):
            while True:
                found |= self._found.get_nowait()
        return found

    def _filter(self, change: Change, path: str) -> bool:
        """Leaves out what editors and this program itself leave about."""
        name = Path(path).relative_to(self._root) if Path(path).is_relative_to(self._root) else None
        if name is not None and name.parts and name.parts[0] in (BUILD, CACHE):
            return False
        return DefaultFilter()(change, path) and not Path(path).name.startswith(".")


def _named(changed: Iterable[Path], root: Path) -> str:
    """Which files changed, as the beginning of a line."""
    names = sorted(
        one.relative_to(root).as_posix() if one.is_relative_to(root) else str(one)
        for one in changed
    )
    more = len(names) - _MOST_NAMED
    rest = [f"{more} more"] if more > 0 else []
    return f"{', '.join([*names[:_MOST_NAMED], *rest])}: " if names else ""
