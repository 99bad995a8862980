"""`tinysite`, a whole project in miniature, for tests that build one."""

from __future__ import annotations

import shutil
from pathlib import Path

from generator.build.recipe import BuildOptions

HERE = Path(__file__).parent


def copy_of_tinysite(folder: Path) -> Path:
    """A project that may be changed, with this repository's templates and one of its scenes."""
    shutil.copytree(HERE / "tinysite", folder)
    shutil.copytree(HERE.parent / "templates", folder / "templates")
    shutil.copy(HERE.parent / "content/images/pets.jpg", folder / "content/images")
    return folder


def options(project: Path, **changes: object) -> BuildOptions:
    """Builds offline; a project says itself what it makes."""
    values = {"config": project / "site_config.yml", "offline": True, **changes}
    return BuildOptions(**values)  # type: ignore[arg-type]


def replace_in(file: Path, old: str, new: str) -> None:
    """Changes a text in a file, once."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def files_in(folder: Path) -> dict[str, bytes]:
    """What a folder holds, by path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
