"""What becomes of each gallery entry, and why: one bad entry never stops the others.

In: errors. Out: an `EntryStatus` for every entry, whose reason may be published.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from generator.errors import (
    CacheError,
    ChangedError,
    GeneratorError,
    StorageError,
    UnavailableError,
    UsageError,
    sentence_of,
)
from generator.files.storage import storage_error
from generator.pages.contents import EntryStatus, Status
from generator.project.gallery import GalleryImage

logger = logging.getLogger("generator")


class Statuses:
    """Notes how entries end.

    Args:
        root: the project's folder, which no published reason names.
        own: the folders that the build writes to.

    Attributes:
        by_slug: the status of each entry that ended so far.
        passing: the slugs of entries whose error may not come again, such as one of memory.
        spoilt: the slugs of entries for which a file was damaged, or replaced meanwhile: what was
            wrong is gone, and once more all may be well.
    """

    def __init__(self, root: Path, own: Sequence[Path] = ()) -> None:
        self._root, self._own = root, tuple(own) or (root,)
        self.by_slug: dict[str, EntryStatus] = {}
        self.passing: set[str] = set()
        self.spoilt: set[str] = set()

    def note(self, entry: GalleryImage, status: Status, reason: str = "") -> None:
        """Writes down how an entry ended, and says so unless all is well."""
        public = _without_folders(reason, self._root)
        self.by_slug[entry.slug] = EntryStatus(entry.slug, entry.title, status, public)
        if status != "built":
            level = logging.ERROR if status == "failed" else logging.WARNING
            logger.log(level, "%s %s: %s", status.replace("_", " "), entry.slug, reason)

    @contextmanager
    def errors_of(self, entry: GalleryImage) -> Iterator[None]:
        """Turns an entry's error into its status."""
        try:
            with self._storage_errors():
                yield
        except (UsageError, StorageError):  # the same for every entry: nothing can be built
            raise
        except UnavailableError as error:
            self.note(entry, "left_out", str(error))
        except (CacheError, ChangedError) as error:
            self.passing.add(entry.slug)
            self.spoilt.add(entry.slug)
            self.note(entry, "failed", str(error))
        except GeneratorError as error:
            if isinstance(error.__cause__, MemoryError):
                self.passing.add(entry.slug)
            self.note(entry, "failed", str(error))
        except OSError as error:
            self.passing.add(entry.slug)
            self.note(entry, "failed", sentence_of(error))
        except Exception as error:
            self.passing.add(entry.slug)
            reason = f"unexpected error, please report it: {type(error).__name__}: {error}"
            self.note(entry, "failed", reason)
            logger.debug("", exc_info=True)

    @contextmanager
    def _storage_errors(self) -> Iterator[None]:
        """A full disk is no error of one entry."""
        try:
            yield
        except (GeneratorError, OSError) as error:
            if (stopped := storage_error(error, self._own)) is not None:
                raise stopped from error
            raise

    def not_built(self) -> set[str]:
        """Slugs of the entries that were left out or failed."""
        return {slug for slug, one in self.by_slug.items() if one.status != "built"}


def _without_folders(reason: str, root: Path) -> str:
    """A reason that does not tell where on this machine the project and its user live."""
    reason = reason.replace(f"{root}{os.sep}", "")
    try:
        home = Path.home()
    except RuntimeError:  # a container's user may have none
        return reason
    return reason if home == Path(home.anchor) else reason.replace(f"{home}{os.sep}", f"~{os.sep}")
