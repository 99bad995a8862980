"""The texts and templates of a project, and below them those that come with this program.

In: settings. Out: `Overlay`s, which find a file by its name: the project's own first and, where
`standard_texts` is on, ours if there is none. A file of ours counts as if it lay in the project's
folder; nothing else outside of that folder is ever found.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from generator.project.config import SiteConfig

_PACKAGE = Path(__file__).parents[1]
CONTENT, TEMPLATES = "content", "templates"
"""The folders below `standard_root`."""


@dataclass(frozen=True)
class Overlay:
    """Folders that are read as if they were one.

    Attributes:
        folders: the project's own first; a file hides those of its name in later ones.
    """

    folders: tuple[Path, ...]

    @classmethod
    def of(cls, folder: Path | Overlay) -> Overlay:
        """A folder that nothing lies below."""
        return folder if isinstance(folder, Overlay) else cls((folder,))

    def below(self, name: str) -> Overlay:
        """The folders of this name in each."""
        return Overlay(tuple(one / name for one in self.folders))

    def file(self, name: str) -> Path:
        """The first file of this name; where there is none, its place in the project."""
        paths = [one / name for one in self.folders]
        return next((path for path in paths if path.is_file()), paths[0])

    def files(self, pattern: str = "**/*") -> dict[str, Path]:
        """The files that a pattern fits, by their names, in the order of these.

        An empty file leaves out one of ours: that is how a project does without a page, a sprite
        or an exercise.
        """
        found: dict[str, Path] = {}
        for folder in reversed(self.folders):
            for path in folder.glob(pattern):
                if path.is_file():
                    found[path.relative_to(folder).as_posix()] = path
        return {name: found[name] for name in sorted(found) if not self._is_left_out(name)}

    def _is_left_out(self, name: str) -> bool:
        first, *others = (one / name for one in self.folders)
        return (
            any(path.is_file() for path in others)
            and first.is_file()
            and not first.read_bytes().strip()
        )


def content_of(config: SiteConfig) -> Overlay:
    """The texts of a project."""
    return _with_ours(config.root / config.content, CONTENT, config)


def templates_of(config: SiteConfig) -> Overlay:
    """Its templates, styles, scripts and sprites."""
    return _with_ours(config.root / config.templates, TEMPLATES, config)


def _with_ours(folder: Path, name: str, config: SiteConfig) -> Overlay:
    ours = standard_root() / name
    if not config.standard_texts or folder == ours:
        return Overlay((folder,))
    return Overlay((folder, ours))


def standard_root() -> Path:
    """The folder with our `content`, `templates`, `site_config.yml` and `mkdocs.yml`.

    A wheel has it in the package; in a clone it is the clone.
    """
    installed = _PACKAGE / "standard"
    return installed if installed.is_dir() else _PACKAGE.parent


def own_or_ours(path: Path) -> Path:
    """A file by its place in the project that is worked in, or ours where that has none."""
    ours = standard_root() / path
    is_known = ".." not in path.parts and name_of_ours(ours) is not None and ours.is_file()
    return ours if is_known and not path.exists() else path


def name_of_ours(path: Path) -> str | None:
    """The name of a standard text or template, such as "content/q3.md"; None of other files."""
    root = standard_root()
    is_ours = any(path.is_relative_to(root / name) for name in (CONTENT, TEMPLATES))
    return path.relative_to(root).as_posix() if is_ours else None
