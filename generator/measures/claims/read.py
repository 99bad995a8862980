"""content/claims.yml -> `Claim`s, or every problem in it at once.

In: the path of a YAML file. Out: its claims, each of which asks for numbers and controls that
are really measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from generator.errors import ConfigurationError
from generator.measures.catalogue import applies_to
from generator.measures.claims.claim import Against, Claim
from generator.measures.gallery import Choice
from generator.project.suggest import nearest
from generator.project.yaml_source import Location, YamlSource, read_yaml

FILE = "claims.yml"
"""What the file is called in the folder of the content."""
_CHOICE = ("measure", "mechanism", "layer", "head")
Record = TypeVar("Record")


def read_claims(path: Path) -> tuple[Claim, ...]:
    """Reads the claims of a file; none if there is no such file.

    Raises:
        ConfigurationError: holds every problem found.
    """
    if not path.exists():
        return ()
    source = read_yaml(path)
    claims = tuple(_claims(source))
    if source.problems:
        raise ConfigurationError(source.sorted_problems())
    return claims


def _claims(source: YamlSource) -> Iterable[Claim]:
    """The claims that have no problem."""
    value = source.value
    if value is None:
        return
    if not isinstance(value, dict) or not isinstance(value.get("claims"), list):
        source.report_unexpected((), "`claims:` and below it a list")
        return
    for key in value.keys() - {"claims"}:
        source.report_unknown_key((key,), ["claims"])
    taken: dict[str, int] = {}
    for index, written in enumerate(value["claims"]):
        at: Location = ("claims", index)
        if not isinstance(written, dict):
            source.report_unexpected(at, "keys such as `name:` after the dash")
            continue
        claim = _claim(written, source, at)
        if claim is None:
            continue
        if claim.name in taken:
            first = f"claim {taken[claim.name] + 1}"
            source.report((*at, "name"), f"`{claim.name}` is the name of {first} already")
        taken.setdefault(claim.name, index)
        yield claim


def _claim(written: Mapping[str, object], source: YamlSource, at: Location) -> Claim | None:
    against = written.get("against")
    if against is not None and not isinstance(against, dict):
        source.report_unexpected((*at, "against"), "keys such as `control: uniform` below it")
        return None
    other = None
    if against is not None:
        other = _record(Against, against, source, (*at, "against"), _keys(Against))
    values = {key: value for key, value in written.items() if key != "against"}
    claim = _record(
        Claim, values | ({"against": other} if other else {}), source, at, _keys(Claim),
        missing_told=("against",) if against is not None else (),
    )  # fmt: skip
    if claim is not None:
        _report_what_is_never_measured(claim, source, at)
    return claim


def _keys(kind: type[Any]) -> dict[str, bool]:
    """The keys that a record has in the file, and whether each must be there."""
    fields = kind.__pydantic_fields__
    return {field.alias or name: field.is_required() for name, field in fields.items()}


def _record(
    kind: type[Record],
    written: Mapping[str, object],
    source: YamlSource,
    at: Location,
    keys: Mapping[str, bool],
    missing_told: tuple[str, ...] = (),
) -> Record | None:
    """The record of the values at a location, or None with every problem reported.

    Args:
        missing_told: keys that are there, but wrong, which was reported.
    """
    unknown = [key for key in written if key not in keys]
    for key in unknown:
        source.report_unknown_key((*at, key), list(keys))
    known = {key: value for key, value in written.items() if key in keys and value is not None}
    meant = {nearest(key, keys) for key in unknown}
    for key, needed in keys.items():
        if needed and key not in (*known, *missing_told, *meant):
            source.report(at, f"`{key}:` is missing, or nothing is written after it")
    try:
        record = TypeAdapter(kind).validate_python(known)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            if details["type"] != "missing":
                source.report_unexpected((*at, *details["loc"]), **details["ctx"])
        return None
    return None if unknown else record


def _report_what_is_never_measured(claim: Claim, source: YamlSource, at: Location) -> None:
    """Reports measures, mechanisms and controls that do not go together."""
    other, where = claim.against, (*at, "against")
    chosen = [key for key in _CHOICE if getattr(other, key) is not None]
    ways = [key for key in ("control", "value") if getattr(other, key) is not None]
    if len(ways) + bool(chosen) != 1:
        source.report(
            where,
            "expected one of `control:`, `value:` or another number's "
            + ", ".join(f"`{key}:`" for key in _CHOICE),
        )
        return
    if not _report_unmeasured(claim.choice, source, (*at, "mechanism")):
        controls = applies_to(claim.measure)[claim.mechanism]
        if other.control is not None and other.control not in controls:
            listed = ", ".join(f"`{name}`" for name in controls) or "none"
            source.report_unexpected(
                (*where, "control"),
                f"a control that `{claim.measure}` of {claim.mechanism} has: {listed}",
                names=controls,
            )
    if claim.other_choice is not None:
        _report_unmeasured(claim.other_choice, source, where)
        if claim.other_choice == claim.choice:
            source.report(where, "is the same number as the claim's own")
    if claim.compare == "ratio":
        for place, number in (((*at, "effect"), claim.effect), ((*where, "value"), other.value)):
            if number is not None and number <= 0:
                source.report(place, "expected a number above 0, as `compare:` is `ratio`")


def _report_unmeasured(choice: Choice, source: YamlSource, at: Location) -> bool:
    """Whether a measure is never made of a mechanism, which is reported."""
    mechanisms = applies_to(choice.measure)
    if choice.mechanism in mechanisms:
        return False
    listed = ", ".join(f"`{name}`" for name in mechanisms)
    source.report(
        at, f"`{choice.measure}` is not measured for `{choice.mechanism}`; it is for {listed}"
    )
    return True
