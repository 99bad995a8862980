"""Claims about attention, and the numbers that decide them.

In: the values of content/claims.yml, which `read` reads. Out: one frozen record per claim, with
each value checked by itself. It measures nothing and gives no verdict.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, Strict
from pydantic.dataclasses import dataclass

from generator.measures.catalogue import ALL_MEASURES
from generator.measures.gallery import Choice, Head, Layer
from generator.measures.mechanisms import MECHANISMS
from generator.project.fields import OnOrOff, Sentence, a_kind_of, expects, one_of, unexpected
from generator.project.records import CLOSED
from generator.project.suggest import nearest


def _numbered(*names: str, what: str) -> BeforeValidator:
    """Accepts one of a few names, or a number from 1."""
    listed = ", ".join(f"`{name}`" for name in names)

    def check(value: object) -> object:
        number = isinstance(value, int) and not isinstance(value, bool) and value >= 1
        if not number and value not in names:
            note = "; they are counted from 1" if value == 0 else ""
            raise unexpected(f"{listed} or the number of a {what} from 1", note, names)
        return value

    return BeforeValidator(check)


def _measure(value: object) -> object:
    """Accepts the name of a measure; otherwise lists all names, unless one is near."""
    if value not in ALL_MEASURES:
        near = isinstance(value, str) and nearest(value, ALL_MEASURES)
        note = "" if near else f"; there are {', '.join(ALL_MEASURES)}"
        raise unexpected("the name of a measure", note, ALL_MEASURES)
    return value


LayerChoice = Annotated[Layer, _numbered("first", "last", "all", what="layer")]
HeadChoice = Annotated[Head, _numbered("mean", "all", what="head")]
Measure = Annotated[str, BeforeValidator(_measure)]
Mechanism = Annotated[str, one_of(*MECHANISMS)]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False), expects("a number such as 1.5")]
Name = Annotated[
    str,
    Strict(),
    Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60),
    expects("at most 60 small letters a-z, digits and single hyphens"),
]

Kind = Literal["correlational", "causal"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, config=CLOSED)
class Against:
    """What a claim's number is compared with: a control, a value, or another number.

    Attributes:
        control: a name of `mechanisms.CONTROLS` that the measure has.
        value: a fixed number.
        measure, mechanism, layer, head: what differs for the other number; else None.
    """

    control: Annotated[str, Strict(), expects("the name of a control")] | None = None
    value: Number | None = None
    measure: Measure | None = None
    mechanism: Mechanism | None = None
    layer: LayerChoice | None = None
    head: HeadChoice | None = None


@dataclass(frozen=True, config=CLOSED, kw_only=True)
class Claim:
    """A claim that a gallery can decide.

    Attributes:
        name: unique among the claims.
        text: the claim, a sentence of Markdown.
        origin: its source; `from` in the file.
        measure, mechanism, layer, head: the number that decides, as in `Choice`.
        against: what the number is compared with.
        compare: "ratio", number / other, or "difference", number - other.
        direction: whether the result has to be more or less than `effect`.
        effect: the ratio or difference that the result has to pass.
        why: what the number can decide and what it cannot; Markdown.
        print: whether the printed core shows its card.
        kind: "causal" if something was taken away, and "correlational" if things were only
            measured side by side.
    """

    name: Name
    text: Sentence
    origin: Annotated[Sentence, Field(alias="from")]
    measure: Measure
    mechanism: Mechanism
    layer: LayerChoice = "last"
    head: HeadChoice = "mean"
    against: Annotated[
        Against, a_kind_of((dict, Against), "keys such as `control: uniform` below it")
    ]
    compare: Annotated[Literal["ratio", "difference"], one_of("ratio", "difference")]
    direction: Annotated[Literal["more", "less"], one_of("more", "less")]
    effect: Number
    why: Sentence
    kind: Annotated[Kind, one_of(*KINDS)] = "correlational"
    print: OnOrOff = False

    @property
    def choice(self) -> Choice:
        """The number that decides."""
        return Choice(self.measure, self.mechanism, self.layer, self.head)

    @property
    def other_choice(self) -> Choice | None:
        """The number to compare with; None if it is a control or a value."""
        other = self.against
        if other.control is not None or other.value is not None:
            return None
        return Choice(
            other.measure or self.measure,
            other.mechanism or self.mechanism,
            other.layer or self.layer,
            other.head or self.head,
        )

    @property
    def neutral(self) -> float:
        """The result of `compare` if there is no difference at all."""
        return 1.0 if self.compare == "ratio" else 0.0
