"""What a result depends on, in 64 hex digits: code, versions of libraries, and values.

In: the modules that make a result, a border, and the values that go in. Out: a digest. The
modules are followed through their imports, so nobody keeps a list of files. Comments,
docstrings and layout do not count: they change no result.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from generator.files import sources

PACKAGE = Path(__file__).parents[1]
_DISTRIBUTIONS = {
    "PIL": "pillow",
    "cv2": "opencv-python-headless",
    "pypandoc": "pypandoc_binary",
    "yaml": "pyyaml",
}
"""What a library is called by pip, where it is not called as it is imported."""
version = functools.cache(metadata.version)  # nineteen results ask for the same libraries


def fingerprint(
    *modules: str, border: Iterable[str] = (), values: Mapping[str, Any] | None = None
) -> str:
    """The digest of everything that a result depends on.

    Args:
        modules: dotted names; they and all that they import within the package count, and the
            versions of the libraries that these import.
        border: modules and packages that are not followed. What of them matters goes into
            `values`.
        values: JSON's own types, paths, tuples and sets.

    Raises:
        ValueError: there is no such module.
    """
    digest = hashlib.sha256(_code_of(modules, frozenset(border)).encode())
    digest.update(digest_of(values or {}).encode())
    return digest.hexdigest()


def digest_of(value: Any, *, ordered: bool = False) -> str:
    """The SHA-256 of a value of JSON's types, of tuples, sets, paths and dataclasses.

    Args:
        ordered: whether the order of a mapping counts, as it does where it is shown.
    """
    text = json.dumps(value, sort_keys=not ordered, default=_plain, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, 64 hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_here(path: Path, sha256: str | None) -> bool:
    """Whether `path` is a file, and its SHA-256 begins with the hex digits, if any."""
    if sha256 is None or not path.is_file():
        return path.is_file()
    return sha256_of(path).startswith(sha256.lower())


def digest_of_files(folder: Path, wanted: Callable[[Path], bool] = lambda _: True) -> str:
    """The digest of the names and bytes of all files below a folder that are wanted.

    Links are followed; hidden files, which file managers leave, do not count.
    """
    files = sorted((name, path) for name, path in _files_below(folder) if wanted(path))
    return digest_of([(name, sha256_of(path)) for name, path in files])


def digest_of_folders(
    folders: Iterable[Path], wanted: Callable[[Path], bool] = lambda _: True
) -> str:
    """The same of several folders, in their order; of a single one, its own."""
    digests = [digest_of_files(one, wanted) for one in folders]
    return digests[0] if len(digests) == 1 else digest_of(digests)


def _files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """The name of each file, as seen from the folder, and its path."""
    seen: set[str] = set()
    top = len(os.fspath(folder))
    for place, folders, names in os.walk(folder, followlinks=True):
        here = os.path.realpath(place)
        if here in seen:  # a link that leads in a circle
            folders.clear()
            continue
        seen.add(here)
        folders[:] = [name for name in folders if not name.startswith(".")]
        below = place[top:].replace(os.sep, "/").lstrip("/")
        for name in names:
            if not name.startswith("."):
                yield f"{below}/{name}" if below else name, Path(place, name)


def modules_of(*modules: str, border: Iterable[str] = ()) -> tuple[frozenset[str], frozenset[str]]:
    """The modules of the package that are reached, and the libraries that they import.

    Args, raises: as `fingerprint`.
    """
    return _reached(modules, frozenset(border))


@functools.cache
def _code_of(modules: tuple[str, ...], border: frozenset[str]) -> str:
    reached, libraries = _reached(modules, border)
    digests = {name: _source(name).digest for name in reached}
    sources.KNOWN_SOURCES.save()
    return digest_of([digests, {name: version_of(name) for name in libraries}])


def _reached(
    modules: tuple[str, ...], border: frozenset[str]
) -> tuple[frozenset[str], frozenset[str]]:
    waiting, reached, libraries = list(modules), set[str](), set[str]()
    while waiting:
        name = waiting.pop()
        if name in reached or _is_beyond(name, border):
            continue
        reached.add(name)
        source = _source(name)
        waiting += source.modules
        libraries |= source.libraries
    return frozenset(reached), frozenset(libraries)


def _is_beyond(name: str, border: frozenset[str]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in border)


class _Source:
    """One module: the digest of its code as Python compiles it, and what it imports."""

    def __init__(self, file: Path) -> None:
        known = sources.KNOWN_SOURCES.of(file)
        self.modules = {name for name in map(_module, known.imported) if name}
        tops = {name.partition(".")[0] for name in known.imported}
        self.libraries = tops - sys.stdlib_module_names - {PACKAGE.name}
        self.digest = known.digest


@functools.cache
def _source(name: str) -> _Source:
    file = _file_of(name)
    if file is None:
        raise ValueError(f"there is no module {name}")
    return _Source(file)


@functools.cache
def _file_of(name: str) -> Path | None:
    """The file of a module of the package."""
    top, *parts = name.split(".")
    if top != PACKAGE.name:
        return None
    place = PACKAGE.joinpath(*parts)
    candidates = (place / "__init__.py", place.with_suffix(".py"))
    return next((file for file in candidates if file.is_file()), None)


def _module(name: str) -> str:
    """The module that an imported name is, or is in; "" if it is a library's."""
    return next((one for one in (name, name.rpartition(".")[0]) if one and _file_of(one)), "")


def version_of(library: str) -> str:
    """The version of a library, by the name it is imported under; "" if it is not installed."""
    try:
        return version(_DISTRIBUTIONS.get(library, library))
    except metadata.PackageNotFoundError:  # an extra that is missing: nothing can depend on it
        return ""


def _plain(value: Any) -> Any:
    """What JSON has no type for."""
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if hasattr(value, "__dataclass_fields__"):
        return {name: getattr(value, name) for name in value.__dataclass_fields__}
    if hasattr(value, "tolist"):  # an array, or one number of it
        return [str(value.dtype), list(value.shape), value.tolist()]
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"there is no digest of a {type(value).__name__}")
