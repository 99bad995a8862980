"""What a result depends on: code that is followed, versions, and values, but no comments."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path

import numpy as np
import pytest

from generator.files import fingerprint as module
from generator.files import sources
from generator.files.fingerprint import (
    digest_of,
    digest_of_files,
    fingerprint,
    modules_of,
    sha256_of,
)
from generator.files.sources import KnownSources

A = '''"""Makes."""

import numpy as np
from generator.b import helper
from generator.c import (
    one,
    two as second,
)


def make():
    """Says what."""
    from generator.late import late

    return helper() + one + second + late
'''

_READ = sources._read


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of a few modules in place of the generator."""
    folder = tmp_path / "generator"
    (folder / "detr").mkdir(parents=True)
    texts = {
        "a.py": A,
        "b.py": "from generator.detr.zoo import cards\n\n\ndef helper():\n    return cards\n",
        "c.py": "one, two = 1, {'x', 'y', 'z'}\n",
        "late.py": "import scipy.stats\nlate = 3\n",
        "unused.py": "unused = 1\n",
        "detr/__init__.py": "",
        "detr/zoo.py": "cards = 4\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    monkeypatch.setattr(module, "PACKAGE", folder)
    monkeypatch.setattr(sources, "user_cache", lambda: tmp_path / "cache")
    monkeypatch.setattr(sources, "_read", dict)  # nothing is known
    _forget()
    yield folder
    _forget()


def _forget() -> None:
    sources.KNOWN_SOURCES = KnownSources()
    module._source.cache_clear()
    module._file_of.cache_clear()
    module._code_of.cache_clear()


def _settle(package: Path) -> None:
    """Lets the modules be as old as installed ones are."""
    for path in package.rglob("*.py"):
        os.utime(path, (1_000_000_000, 1_000_000_000))


def test_two_changes_within_a_second_are_two(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    digests = set()
    for number in range(3):
        (package / "c.py").write_text(f"one, two = {number}, {{'x', 'y', 'z'}}\n")
        digests.add(of_a())
    assert len(digests) == 3


def of_a(**options: object) -> str:
    _forget()
    return fingerprint("generator.a", **options)  # type: ignore[arg-type]


def test_imports_are_followed_also_those_in_functions(package: Path) -> None:
    modules, libraries = modules_of("generator.a")
    assert {name.removeprefix("generator.") for name in modules} == {
        "a", "b", "c", "late", "detr.zoo",
    }  # fmt: skip
    assert libraries == {"numpy", "scipy"}


def test_border_is_not_followed(package: Path) -> None:
    modules, libraries = modules_of("generator.a", border=["generator.detr", "generator.late"])
    assert {name.removeprefix("generator.") for name in modules} == {"a", "b", "c"}
    assert libraries == {"numpy"}


@pytest.mark.parametrize("file", ["a.py", "b.py", "c.py", "late.py", "detr/zoo.py"])
def test_code_that_is_reached_counts(package: Path, file: str) -> None:
    before = of_a()
    path = package / file
    path.write_text(f"{path.read_text()}\nmore = 5\n")
    assert of_a() != before


@pytest.mark.parametrize(
    "change",
    [
        lambda text: f"# A comment.\n{text}",
        lambda text: text.replace("Makes.", "Makes something."),
        lambda text: text.replace("Says what.", "Says more\n\n    of it."),
        lambda text: text.replace("    return", "\n\n    # And then:\n    return"),
        lambda text: text.replace("helper() + one", "(helper()\n        + one)"),
    ],
)
def test_comments_docstrings_and_layout_do_not(package: Path, change: Callable[[str], str]) -> None:
    before = of_a()
    path = package / "a.py"
    changed = change(path.read_text())
    assert changed != path.read_text()
    path.write_text(changed)
    assert of_a() == before


@pytest.mark.parametrize("content", [None, b"", b"cut short", "half"])
def test_compiled_code_is_kept_and_never_trusted(
    package: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | str | None
) -> None:
    _settle(package)
    before = of_a()
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert of_a() == before
    kept = Path(cache_from_source(package / "a.py", optimization=2))
    whole = kept.read_bytes()
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    if content is None:
        kept.unlink()
    else:
        kept.write_bytes(content if isinstance(content, bytes) else whole[: len(whole) // 2])
    assert of_a() == before


def test_kept_code_is_read(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _settle(package)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    before = of_a()
    monkeypatch.setattr(sources, "compile", pytest.fail, raising=False)
    assert of_a() == before


@pytest.fixture
def known(package: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """The fingerprint as a new process finds it, with a cache of its own."""
    monkeypatch.setattr(sources, "_read", _READ)
    _settle(package)
    return of_a


def test_what_is_known_of_a_module_is_not_found_out_again(
    known: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = known()
    monkeypatch.setattr(sources, "_source_of", pytest.fail)
    assert known() == before


def test_a_module_of_another_time_or_size_is_read_again(
    known: Callable[[], str], package: Path
) -> None:
    before = known()
    (package / "c.py").write_text("one, two = 2, {'x', 'y', 'z'}\n")  # the same size
    after = known()
    assert after != before
    assert known() == after


def test_a_module_that_was_changed_just_now_is_not_kept(
    known: Callable[[], str], package: Path
) -> None:
    path, before = package / "c.py", known()
    path.write_text("one, two = 2, {'x', 'y', 'z'}\n")
    found, after = path.stat(), known()
    path.write_text("one, two = 3, {'x', 'y', 'z'}\n")
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))  # within one tick of its clock
    assert len({before, after, known()}) == 3


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"key": 1, "modules": {}}'])
def test_what_is_known_is_never_trusted_blindly(
    known: Callable[[], str], tmp_path: Path, content: str
) -> None:
    before = known()
    (tmp_path / "cache/modules.json").write_text(content)
    assert known() == before


def test_what_is_not_reached_does_not_count(package: Path) -> None:
    before = of_a(border=["generator.detr"])
    (package / "unused.py").write_text("unused = 2\n")
    (package / "detr/zoo.py").write_text("cards = 5\n")
    assert of_a(border=["generator.detr"]) == before


def test_versions_of_libraries_count(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = of_a()
    monkeypatch.setattr(module, "version", lambda name: "9.9" if name == "scipy" else "1.0")
    assert of_a() != before


def test_values_count(package: Path) -> None:
    keys = {of_a(), of_a(values={"a": 1}), of_a(values={"a": 2}), of_a(values={"b": 1})}
    assert len(keys) == 4
    assert of_a(values={"a": 1, "b": 2}) == of_a(values={"b": 2, "a": 1})


def test_a_module_that_is_not_there_is_an_error(package: Path) -> None:
    with pytest.raises(ValueError, match=r"no module generator\.nothing"):
        fingerprint("generator.nothing")


@pytest.mark.slow
def test_the_same_in_every_process() -> None:
    """Python orders sets by hashes that differ from process to process."""
    code = "from generator.files.fingerprint import fingerprint; print(fingerprint({!r}))"
    command = [sys.executable, "-c", code.format("generator.build.entry")]
    digests = {
        subprocess.run(
            command, env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(module.PACKAGE.parent)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }  # fmt: skip
    assert len(digests) == 1


@dataclass(frozen=True)
class Record:
    path: Path
    numbers: tuple[float, ...]


def test_digests_of_values_tell_types_apart() -> None:
    values = [
        1, "1", 1.5, None, True, [1], {"a": 1}, Path("a"), Record(Path("a"), (1.0,)),
        Record(Path("b"), (1.0,)), np.zeros(2), np.zeros(2, np.float32), np.zeros((2, 1)),
        {"x", "y"},
    ]  # fmt: skip
    assert len({digest_of(value) for value in values}) == len(values)
    assert digest_of({"b", "a"}) == digest_of({"a", "b"})
    with pytest.raises(TypeError, match="no digest of a object"):
        digest_of(object())


def test_folder_counts_by_names_and_bytes(tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.mkdir()
    (first / "a.txt").write_text("a")
    second = tmp_path / "second"
    shutil.copytree(first, second)
    assert digest_of_files(first) == digest_of_files(second)
    (second / "b.txt").write_text("b")
    assert digest_of_files(first) != digest_of_files(second)
    assert digest_of_files(first) == digest_of_files(second, lambda path: path.stem == "a")
    assert digest_of_files(tmp_path / "none") == digest_of_files(tmp_path / "neither")
    assert len(sha256_of(first / "a.txt")) == 64


def test_links_are_followed_once_and_hidden_files_are_not(tmp_path: Path) -> None:
    shared, course = tmp_path / "shared", tmp_path / "course"
    shared.mkdir()
    course.mkdir()
    (shared / "a.md").write_text("old")
    (course / "shared").symlink_to(shared)
    (shared / "back").symlink_to(course)  # in a circle
    before = digest_of_files(course)
    (course / ".DS_Store").write_text("x")
    assert digest_of_files(course) == before
    (shared / "a.md").write_text("new")
    assert digest_of_files(course) != before


def test_what_is_tried_and_what_comes_after_are_two_things(package: Path) -> None:
    path = package / "b.py"
    path.write_text("try:\n    a()\n    b()\nexcept E:\n    pass\n")
    before = of_a()
    path.write_text("try:\n    a()\nexcept E:\n    pass\nelse:\n    b()\n")
    assert of_a() != before


def imports_of(tree: ast.Module) -> set[str]:
    """All imports of a module, as Python sees them."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.slow
def test_no_import_of_the_package_is_overlooked() -> None:
    overlooked = {}
    for file in sorted(module.PACKAGE.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        overlooked[file] = imports_of(ast.parse(text)) - set(sources._imports(text))
    assert {file: names for file, names in overlooked.items() if names} == {}
