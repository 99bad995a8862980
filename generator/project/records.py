"""Reads records: the keys at a location of a YAML file -> a checked record.

In: a kind of record, which is a frozen dataclass of pydantic, and the values of its keys. Out:
the record, or None with every problem reported to the file's `YamlSource`: keys that are
unknown, missing or wrong, in records within records and in lists of records too. A field's type
holds what its value has to be, and the message if it is something else; `fields` has the
building blocks of such types.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import is_dataclass
from pathlib import Path
from types import MappingProxyType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from generator.detr.zoo import model_names
from generator.project.fields import Context
from generator.project.suggest import nearest
from generator.project.yaml_source import Location, YamlSource

Record = TypeVar("Record")

CLOSED = ConfigDict(extra="forbid", populate_by_name=True)
"""The configuration of records: not even code can give them a field that they do not have."""

_NOTHING: Mapping[str, object] = MappingProxyType({})
_REPORTED = object()  # in place of a record whose problems were reported


def read_record(
    kind: type[Record],
    values: Mapping[str, object],
    source: YamlSource,
    at: Location = (),
    *,
    root: Path | None = None,
    models: tuple[str, ...] = model_names(),
    given: Mapping[str, object] = _NOTHING,
    defaults: Mapping[str, object] = _NOTHING,
    besides: Sequence[str] = (),
) -> Record | None:
    """The record of the values at a location, or None with every problem reported.

    A key without a value counts as left out. A missing key is not reported if it was merely
    misspelt.

    Args:
        root: the folder that relative paths start at.
        models: the names that a model can have there.
        given: fields that are not keys of the file.
        defaults: the values of keys that were left out.
        besides: keys that are valid there and that the caller reads.
    """
    before = len(source.problems)
    fields = {key: field for key, field in _fields(kind).items() if key not in given}
    names = [*fields, *besides]
    for key in values:
        if key not in names:
            source.report_unknown_key((*at, key), names)
    written = {key: value for key, value in values.items() if key in fields and value is not None}
    read = {**defaults, **written}
    meant = misspelt(values, names)
    for key, field in fields.items():
        if field.is_required() and key not in read and key not in meant:
            _report_missing(key, field, source, at)
    for key in written:
        read[key] = _read_nested(fields[key].annotation, written[key], source, (*at, key), root)
    record, context = None, None if root is None else Context(root, models)
    try:
        record = TypeAdapter(kind).validate_python({**read, **given}, context=context)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            _report_wrong(details, source, at)
    return record if len(source.problems) == before else None


def keys_of(kind: type[Any]) -> list[str]:
    """The keys of a record, as they are written in a file."""
    return list(_fields(kind))


def misspelt(written: Iterable[str], names: Sequence[str]) -> set[str]:
    """The names that misspelt keys probably mean."""
    return {near for key in written if key not in names and (near := nearest(key, names))}


def _fields(kind: type[Any]) -> dict[str, FieldInfo]:
    fields: dict[str, FieldInfo] = kind.__pydantic_fields__
    return {field.alias or name: field for name, field in fields.items()}


def _read_nested(
    annotation: Any, value: object, source: YamlSource, at: Location, root: Path | None
) -> object:
    """The value of a field, with the records in it read in place of their keys."""
    if isinstance(annotation, type) and is_dataclass(annotation):
        if not isinstance(value, dict):
            return value
        record = read_record(annotation, value, source, at, root=root)
        return _REPORTED if record is None else record
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is tuple and isinstance(value, list):
        return [
            _read_nested(inner[0], item, source, (*at, index), root)
            for index, item in enumerate(value)
        ]
    if origin is Mapping and isinstance(value, dict) and len(inner) == 2:
        return {
            key: _read_nested(inner[1], one, source, (*at, key), root) for key, one in value.items()
        }
    if origin is Annotated:
        return _read_nested(inner[0], value, source, at, root)
    if origin in (Union, UnionType):
        for one in inner:
            value = _read_nested(one, value, source, at, root)
    return value


def _report_missing(key: str, field: FieldInfo, source: YamlSource, at: Location) -> None:
    example = f"; an example is `{key}: {field.examples[0]}`" if field.examples else ""
    message = f"`{key}:` is missing, or nothing is written after it{example}"
    source.report(at, message, source.key_lines.get((*at, key)))


def _report_wrong(details: ErrorDetails, source: YamlSource, at: Location) -> None:
    """Reports pydantic's error about a value; missing keys were reported before."""
    if details["type"] == "missing" or details["input"] is _REPORTED:
        return
    location, context = (*at, *details["loc"]), details["ctx"]
    if location[-1] == "[key]":  # pydantic's mark for a wrong key of a mapping
        source.report_unknown_key(location[:-1], context["names"])
        return
    if isinstance(details["input"], Path):  # a default path that does not exist
        source.written[location] = f"`{details['input'].as_posix()}`"
    source.report_unexpected(location, **context)
