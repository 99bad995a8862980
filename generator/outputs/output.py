"""What every output is: something that is made beside an earlier one, and then takes its place.

In: an edition, and all that its pages tell of. Out: files that are published, or nothing, if one
output of the build is refused: then every output is the one from before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from generator.files.folders import BuildFolder
from generator.files.sealed import read_sealed_json, write_sealed_json
from generator.pages.contents import Contents
from generator.pages.page_store import PageStore
from generator.pages.values import pages_key
from generator.project.config import OUTPUT_NAMES, SiteConfig
from generator.project.config import Output as OutputName


@dataclass(frozen=True)
class EditionBuild:
    """One edition of a build.

    Attributes:
        config: the settings, whose `edition` is this one.
        folder: where it is written to.
        pictures: the folder of the build in which the pictures were drawn.
        name: what files of this edition are called besides what they are, "" if it is alone.
        is_trial: whether nothing is to be kept for a later build.
    """

    config: SiteConfig
    folder: BuildFolder
    pictures: BuildFolder
    name: str = ""
    is_trial: bool = False

    def page_store(self, output: OutputName) -> PageStore:
        """The pages that an earlier build rendered for an output."""
        if self.is_trial:
            return PageStore(None)
        file = self.folder.page_stamp(self.config.edition, output)
        return PageStore(file, pages_key(self.config, output))

    def forget_others(self) -> None:
        """Removes the texts of pages that are of another edition: they may hold answers."""
        own = {self.folder.page_stamp(self.config.edition, name) for name in OUTPUT_NAMES}
        for file in self.folder.page_stamps():
            if file not in own:
                file.unlink()


@dataclass(frozen=True)
class Staged:
    """An output that was made, and is not published yet.

    Attributes:
        publish: puts it into its place, and returns that.
        is_new: whether anything was made; False if what is there still serves.
    """

    publish: Callable[[], Path]
    is_new: bool


class Output(Protocol):
    """One form in which a handout is published.

    Attributes:
        name: in `outputs:` of site_config.yml, and in `--no-NAME`.
        summary: what the summary of a build says of it, with `{path}`.
    """

    name: OutputName
    summary: str

    def stage(self, edition: EditionBuild, contents: Contents) -> Staged:
        """Makes it, and leaves one of an earlier build as it is.

        Raises:
            PageError, WebsiteError: it cannot be made.
        """
        ...

    def remove(self, edition: EditionBuild) -> None:
        """Removes what an earlier build published, and what it was made from."""
        ...


def read_stamp(file: Path) -> Mapping[str, Any]:
    """What was noted of an output when it was published; nothing if it is not there, or damaged."""
    try:
        value = read_sealed_json(file)
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def write_stamp(file: Path, value: Mapping[str, Any]) -> None:
    """Notes what an output was made from."""
    write_sealed_json(file, value)
