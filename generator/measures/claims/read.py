"""content/claims.yml -> `Claim`s, or every problem in it at once.

In: the path of a YAML file. Out: its claims, whose numbers and controls are all really
measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from generator.errors import ConfigurationError
from generator.measures.catalogue import about, applies_to
from generator.measures.claims.claim import Claim
from generator.measures.gallery import Choice
from generator.measures.mechanisms import CEILING, ENCODER_ROLLOUT, ENCODER_SELF, UNMATCHED
from generator.project.records import read_record
from generator.project.yaml_source import Location, YamlSource, read_yaml

FILE = "claims.yml"
"""The file's name in the folder of the content."""
_ENCODER = (ENCODER_SELF.name, ENCODER_ROLLOUT.name)
_CHOICE = ("measure", "mechanism", "layer", "head")


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
    """The claims without problems."""
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
        claim = read_record(Claim, written, source, at)
        if claim is None:
            continue
        _report_what_is_never_measured(claim, source, at)
        if claim.name in taken:
            first = f"claim {taken[claim.name] + 1}"
            source.report((*at, "name"), f"`{claim.name}` is the name of {first} already")
        taken.setdefault(claim.name, index)
        yield claim


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
    _report_what_boxes_decide(claim, source, where)
    _report_what_is_out_of_reach(claim, source, at)
    if claim.compare == "ratio":
        for place, number in (((*at, "effect"), claim.effect), ((*where, "value"), other.value)):
            if number is not None and number <= 0:
                source.report(place, "expected a number above 0, as `compare:` is `ratio`")


def _report_what_boxes_decide(claim: Claim, source: YamlSource, where: Location) -> None:
    """Reports a capped measure that is compared with what has another cap, or as much of it."""
    other = claim.other_choice
    if CEILING.name not in applies_to(claim.measure).get(claim.mechanism, ()):
        return
    if other not in (None, claim.choice) or claim.against.control == UNMATCHED.name:
        better = "`separation`" if claim.mechanism in _ENCODER else "`mass`"
        source.report(
            where,
            f"`{claim.measure}` can be no more than 1 over the box's share of the image, so the "
            "boxes may decide this comparison, whatever the attention does; compare "
            f"{better} in its place",
        )


def _report_what_is_out_of_reach(claim: Claim, source: YamlSource, at: Location) -> None:
    """Reports an effect that no attention could have, or that all attention has."""
    low, high = about(claim.measure).range
    value = claim.against.value
    if claim.against.control is not None or high is None:
        return
    if value is None:
        other = claim.other_choice
        ends = about(other.measure).range if other else (None, None)
        if claim.compare == "ratio" or ends[0] is None or ends[1] is None:
            return
        reach = low - ends[1], high - ends[0]
    elif claim.compare == "difference":
        reach = low - value, high - value
    elif value > 0:
        reach = low / value, high / value
    else:
        return
    if not reach[0] < claim.effect < reach[1]:
        source.report(
            (*at, "effect"),
            f"the {claim.compare} is between {reach[0]:g} and {reach[1]:g} whatever the attention "
            f"does, so an effect of {claim.effect:g} decides nothing",
        )


def _report_unmeasured(choice: Choice, source: YamlSource, at: Location) -> bool:
    """Reports a measure that is never measured for a mechanism; returns whether it did."""
    mechanisms = applies_to(choice.measure)
    if choice.mechanism in mechanisms:
        return False
    listed = ", ".join(f"`{name}`" for name in mechanisms)
    source.report(
        at, f"`{choice.measure}` is not measured for `{choice.mechanism}`; it is for {listed}"
    )
    return True
