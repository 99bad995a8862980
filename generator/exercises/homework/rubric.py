"""content/homework/rubric.yml -> the criteria by which each question is marked.

In: the folder of the texts. Out: criteria by question, or every problem of the file at once.
Points stand in site_config.yml; the criteria share them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field, Strict
from pydantic.dataclasses import dataclass

from generator.errors import ConfigurationError
from generator.project.fields import Sentence, a_kind_of, expects
from generator.project.overlay import Overlay
from generator.project.records import CLOSED, read_record
from generator.project.yaml_source import read_yaml

FILE = Path("homework", "rubric.yml")
"""In the folder of the texts."""
QUESTIONS = ("q1", "q2", "q3")


@dataclass(frozen=True, config=CLOSED)
class Criterion:
    """One thing that is marked.

    Attributes:
        share: of the question's points.
        what: what is asked for, for students as well.
        full: what deserves all points, for instructors.
    """

    share: Annotated[int, Strict(), Field(ge=1), expects("a whole number, at least 1")]
    what: Sentence
    full: Sentence


Criteria = Annotated[
    tuple[Criterion, ...], a_kind_of((list, tuple), "a list of `share:`, `what:` and `full:`")
]


@dataclass(frozen=True, config=CLOSED)
class _Rubric:
    q1: Criteria = ()
    q2: Criteria = ()
    q3: Criteria = ()


def read_rubric(content: Path | Overlay) -> Mapping[str, tuple[Criterion, ...]]:
    """The criteria of each question; nothing if the file is not there, or holds comments alone.

    Raises:
        ConfigurationError: holds every problem of the file.
    """
    path = Overlay.of(content).file(FILE.as_posix())
    if not path.is_file() or _is_empty(path):
        return {}
    source = read_yaml(path)
    rubric = None
    if isinstance(source.value, dict):
        rubric = read_record(_Rubric, source.value, source)
    elif source.value is not None:
        source.report_unexpected((), "keys such as `q2:`")
    if source.problems or rubric is None:
        raise ConfigurationError(source.sorted_problems())
    return {name: criteria for name in QUESTIONS if (criteria := getattr(rubric, name))}


def _is_empty(path: Path) -> bool:
    lines = (line.strip() for line in path.read_bytes().splitlines())
    return all(not line or line.startswith(b"#") for line in lines)


def points_of(criterion: Criterion, criteria: Sequence[Criterion], points: int) -> float:
    """What a criterion is worth, to half a hundredth, of the points of its question."""
    return round(points * criterion.share / sum(one.share for one in criteria), 2)
