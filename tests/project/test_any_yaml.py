"""Whatever a YAML file holds: settings, or problems with their lines; no traceback, no hang.

The examples are the same whenever the same modules are imported: Hypothesis takes constants
from them, too. A thorough run tries many more.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from generator.errors import ConfigurationError, Problem
from generator.files.time_limit import at_most
from generator.measures.claims.claim import Claim
from generator.measures.claims.read import read_claims
from generator.project.config import SiteConfig
from generator.project.gallery import GalleryImage, load_project
from generator.project.records import keys_of
from tests.thorough import times

MOST_S = 20
"""Of a processor, for one file; a file of this size takes milliseconds."""
# To explain a failure hypothesis traces every line, in which Python 3.11 has hung.
TRIES = settings(max_examples=times(80, 600), derandomize=True, database=None, deadline=None,
                 phases=set(Phase) - {Phase.explain},
                 suppress_health_check=list(HealthCheck))  # fmt: skip

NUMBERS = st.integers() | st.floats() | st.sampled_from([10**400, -(10**400), 1e308])
SCALARS = st.none() | st.booleans() | NUMBERS | st.text(max_size=40)
# Written as they are: what looks like a number, a time, a tag, a path, or is no whole value.
WRITTEN = st.sampled_from(
    ["0x_", "1:1", "1:1.5", "1" + ":1" * 90 + ".5", "9" * 500, ".inf", ".nan", "1e999", "~", "=",
     "<<", "*a", "&a b", "!!python/object:os.system x", "!x y", "2020-01-01", "2020-99-99", "'",
     '"', "[", "]", "{", "}", "|", ">", "%", "@", "`", "- a", "? a", ": a", "../..", "/etc/passwd",
     "~/x", "~nobody/x", "C:\\x", "content", "content/a.jpg", "content/a.jpg/b", "." * 5000,
     "https://[", "https://a:99999999/", "https://a:b/", "http://[v1.x]/", "file:///etc/passwd",
     "\\ud800", '"\\ud800"', '"\\0"', '"\\UFFFFFFFF"', "\x00", "\x85", "\u2028", "\ufeff", "\t",
     "é" * 70_000, "on", "off", "[[0, 1], [.nan, 2]]", "[[[[[[[[[[[[[[1]]]]]]]]]]]]]]", "---",
     "..."]
)  # fmt: skip


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


KEYS = st.text(max_size=12)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
).map(_json)
ANY = VALUES | WRITTEN


def entries_of(kind: type[Any]) -> st.SearchStrategy[dict[str, str]]:
    """Some keys of a record, and others, each with something written behind it."""
    own = st.sampled_from(keys_of(kind))
    return st.dictionaries(own | own | own | KEYS.map(_json), ANY, max_size=8)


def lines_of(entry: dict[str, str], first: str = "", others: str = "") -> str:
    lines = [f"{key}: {value}" for key, value in entry.items()]
    return "".join(f"{others if n else first}{line}\n" for n, line in enumerate(lines))


@pytest.fixture(scope="module")
def project() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("content", "templates"):
            (root / name).mkdir()
        (root / "content/a.jpg").touch()
        yield root


def read(project: Path, files: dict[str, str], load: Callable[[], object]) -> tuple[Problem, ...]:
    """Reads files, and looks at what is said of them, which it returns."""
    for name, text in files.items():
        (project / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    problems: tuple[Problem, ...] = ()
    with at_most(MOST_S):
        try:
            load()
        except ConfigurationError as error:
            problems = error.problems
    for problem in problems:
        assert re.search(r"\.(yml|jpg)(:\d+)?: \S", str(problem)), (
            problem
        )  # a.jpg as a gallery, too
        assert "\n" not in problem.message
        assert problem.line is None or problem.line >= 1
    return problems


SOUND = {"site_config.yml": "title: T\n", "content/gallery.yml": "images:\n- file: content/a.jpg\n"}


def _config(project: Path, entry: dict[str, str]) -> tuple[Problem, ...]:
    files = SOUND | {"site_config.yml": lines_of(entry)}
    return read(project, files, lambda: load_project(project / "site_config.yml"))


def _gallery(project: Path, entries: list[dict[str, str]]) -> tuple[Problem, ...]:
    text = "images:\n" + "".join(lines_of(one, "- ", "  ") for one in entries)
    files = SOUND | {"content/gallery.yml": text}
    return read(project, files, lambda: load_project(project / "site_config.yml"))


def _claims(project: Path, entries: list[dict[str, str]]) -> None:
    text = "claims:\n" + "".join(lines_of(one, "- ", "  ") for one in entries)
    read(project, {"content/claims.yml": text}, lambda: read_claims(project / "content/claims.yml"))


def _bytes(project: Path, content: bytes) -> None:
    for name in ("site_config.yml", "content/gallery.yml", "content/claims.yml"):
        read(project, SOUND, lambda: None)
        (project / name).write_bytes(content)
        read(project, {}, lambda: load_project(project / "site_config.yml"))
        read(project, {}, lambda: read_claims(project / "content/claims.yml"))


KINDS: list[Any] = [
    pytest.param(_config, entries_of(SiteConfig), id="configuration"),
    pytest.param(_gallery, st.lists(entries_of(GalleryImage), max_size=3), id="gallery"),
    pytest.param(_claims, st.lists(entries_of(Claim), max_size=3), id="claims"),
    pytest.param(_bytes, st.binary(max_size=200), id="bytes"),
]


def _once(check: Callable[[Path, Any], object], project: Path) -> Callable[[Any], None]:
    def once(written: Any) -> None:
        check(project, written)

    return once


@pytest.mark.slow
@pytest.mark.parametrize(("check", "strategy"), KINDS)
def test_any_value_in_any_field_is_settings_or_a_problem(
    project: Path, check: Callable[[Path, Any], object], strategy: st.SearchStrategy[Any]
) -> None:
    TRIES(given(strategy)(_once(check, project)))()


@pytest.mark.slow
@pytest.mark.parametrize(
    "written",
    ["1" + ":1" * 90 + ".0", "1" + ":1" * 300_000, "9" * 900_000, "0x" + "f" * 900_000, "1e999"],
    ids=["sexagesimal", "long sexagesimal", "digits", "hexadecimal", "infinity"],
)
def test_no_number_takes_long(project: Path, written: str) -> None:
    assert len(_config(project, {"title": "T", "threshold": written})) == 1
    assert len(_gallery(project, [{"file": "content/a.jpg", "threshold": written}])) == 1


@pytest.mark.slow
@pytest.mark.parametrize("key", ["file", "annotations"])
@pytest.mark.parametrize("path", ["d/" * 400_000, "." * 5000, "a" * 300, '"\\0"'], ids=len)
def test_no_path_takes_long(project: Path, key: str, path: str) -> None:
    assert _gallery(project, [{"file": "content/a.jpg", key: path}])


def test_a_key_of_several_lines_is_told_in_one(project: Path) -> None:
    assert len(_config(project, {'"a\\nb"': "1", '"title\\n"': "1"})) >= 2
