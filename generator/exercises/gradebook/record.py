"""What is known of a student's work once it is graded, and the JSON that keeps it.

In and out: `Record`s, and values of JSON. A record says of itself what it was made from, so that
the next run takes it over where nothing has changed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from generator.exercises.gradebook.section import Section
from generator.exercises.grading.grade import Grade
from generator.exercises.grading.report import values_of


@dataclass(frozen=True)
class FileNote:
    """A file of a student.

    Attributes:
        file: what it is called.
        note: why it does not count, or "" for the one that does.
    """

    file: str
    note: str = ""


@dataclass(frozen=True)
class Record:
    """A student's work, graded.

    Attributes:
        key: a digest of its bytes and of all that grades it; "" if it is to be graded again.
        grade: of the file that counts.
        files: all of its files.
        sections: what else there is to say of the file that counts.
    """

    key: str
    grade: Grade
    files: tuple[FileNote, ...]
    sections: tuple[Section, ...] = ()


_RECORD = TypeAdapter(Record)


def record_values(record: Record) -> dict[str, Any]:
    """A record as JSON values: those of its grade, its key, and the rest."""
    return {
        "key": record.key,
        **values_of(record.grade),
        "text": record.grade.text,
        "files": [asdict(one) for one in record.files],
        "sections": [asdict(one) for one in record.sections],
    }


def record_from(values: Any) -> Record | None:
    """The record that `record_values` turned into these values; None if they are of none."""
    if not isinstance(values, dict):
        return None
    own = {name: values.get(name) for name in ("key", "files", "sections")}
    try:
        return _RECORD.validate_python(own | {"grade": values})
    except ValidationError:
        return None
