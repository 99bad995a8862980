"""content/claims.yml is read, and every problem in it is reported with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import ConfigurationError
from generator.measures.claims.claim import Claim
from generator.measures.claims.read import read_claims
from generator.measures.gallery import Choice

SHIPPED = Path(__file__).parents[3] / "content" / "claims.yml"
GOOD = """claims:
  - name: looks-at-its-box
    text: "A query looks at its box."
    from: here
    measure: lift
    mechanism: decoder_cross
    against: {control: uniform}
    compare: ratio
    direction: more
    effect: 2
    why: Because.
"""


def read(folder: Path, text: str) -> tuple[Claim, ...]:
    path = folder / "claims.yml"
    path.write_text(text, encoding="utf-8")
    return read_claims(path)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(folder, text)
    return [
        f"{problem.line}: {problem.message.removeprefix('claim 1: ')}"
        for problem in caught.value.problems
    ]


def test_claim_is_read(tmp_path: Path) -> None:
    (claim,) = read(tmp_path, GOOD)
    assert claim.choice == Choice("lift", "decoder_cross", "last", "mean")
    assert (claim.origin, claim.effect, claim.neutral) == ("here", 2, 1)
    assert claim.against.control == "uniform"
    assert claim.other_choice is None


@pytest.mark.parametrize(
    ("against", "other"),
    [
        ("{layer: first}", Choice("mass", "decoder_cross", "first", "mean")),
        ("{head: all}", Choice("mass", "decoder_cross", "last", "all")),
        ("{layer: 2, head: 3}", Choice("mass", "decoder_cross", 2, 3)),
        ("{measure: mass_true}", Choice("mass_true", "decoder_cross")),
        ("{mechanism: decoder_rollout}", Choice("mass", "decoder_rollout")),
    ],
)
def test_another_number_is_the_same_but_for_what_is_written(
    tmp_path: Path, against: str, other: Choice
) -> None:
    text = GOOD.replace("measure: lift", "measure: mass")
    (claim,) = read(tmp_path, text.replace("{control: uniform}", against))
    assert claim.other_choice == other


@pytest.mark.parametrize("against", ["{layer: first}", "{head: all}", "{control: unmatched}"])
def test_what_boxes_alone_may_decide_is_refused(tmp_path: Path, against: str) -> None:
    (problem,) = problems(tmp_path, GOOD.replace("{control: uniform}", against))
    assert problem == (
        "7: against: `lift` can be no more than 1 over the box's share of the image, so the "
        "boxes may decide this comparison, whatever the attention does; compare `mass` in its place"
    )
    text = GOOD.replace("measure: lift", "measure: mass")
    assert read(tmp_path, text.replace("{control: uniform}", against))


@pytest.mark.parametrize(
    ("against", "compare", "effect", "reach"),
    [
        ("{value: 0.5}", "ratio", "2", "between 0 and 2"),
        ("{value: 0.25}", "difference", "-0.25", "between -0.25 and 0.75"),
        ("{layer: first}", "difference", "1.5", "between -1 and 1"),
    ],
)
def test_an_effect_that_decides_nothing_is_refused(
    tmp_path: Path, against: str, compare: str, effect: str, reach: str
) -> None:
    text = GOOD.replace("measure: lift", "measure: mass").replace("{control: uniform}", against)
    text = text.replace("compare: ratio", f"compare: {compare}")
    (problem,) = problems(tmp_path, text.replace("effect: 2", f"effect: {effect}"))
    assert f"the {compare} is {reach} whatever the attention does" in problem
    assert read(tmp_path, text.replace("effect: 2", "effect: 0.1"))


def test_no_file_means_no_claims(tmp_path: Path) -> None:
    assert read_claims(tmp_path / "claims.yml") == ()


@pytest.mark.slow
def test_shipped_claims_are_valid_and_cover_every_mechanism() -> None:
    claims = read_claims(SHIPPED)
    assert len(claims) >= 12
    assert {claim.mechanism for claim in claims} >= {
        "encoder_self", "decoder_self", "decoder_cross", "decoder_rollout", "predictions",
    }  # fmt: skip
    assert {"duplicates", "extremity", "head_diversity", "mass_true", "place_distance"} <= {
        claim.measure for claim in claims
    }


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("measure: lift", "measure: lfit", "5: measure: expected the name of a measure, found "
         "`lfit`; did you mean `lift`?"),
        ("mechanism: decoder_cross", "mechanism: decoder_crss", "6: mechanism: expected one of "
         "`encoder_self`, `decoder_self`, `decoder_cross`, `decoder_points`, `encoder_points`, "
         "`encoder_rollout`, `decoder_rollout`, `decoder_relevance`, `predictions`, found "
         "`decoder_crss`; did you mean `decoder_cross`?"),
        ("mechanism: decoder_cross", "mechanism: encoder_self", "6: mechanism: `lift` is not "
         "measured for `encoder_self`; it is for `decoder_cross`, `decoder_rollout`, "
         "`decoder_points`"),
        ("uniform", "unifrom", "7: against: control: expected a control that `lift` of "
         "decoder_cross has: `ceiling`, `other_images`, `shuffled`, `uniform`, `unmatched`, found "
         "`unifrom`; did you mean "
         "`uniform`?"),
        ("{control: uniform}", "{}", "7: against: expected one of `control:`, `value:` or another "
         "number's `measure:`, `mechanism:`, `layer:`, `head:`"),
        ("{control: uniform}", "{control: uniform, value: 1}", "7: against: expected one of "
         "`control:`, `value:` or another number's `measure:`, `mechanism:`, `layer:`, `head:`"),
        ("{control: uniform}", "{layer: last}", "7: against: is the same number as the claim's "
         "own"),
        ("{control: uniform}", "uniform", "7: against: expected keys such as `control: uniform` "
         "below it, found `uniform`"),
        ("{control: uniform}", "{contrl: uniform}", "7: against: unknown key `contrl`; did you "
         "mean `control`?"),
        ("{control: uniform}", "{value: 0}", "7: against: value: expected a number above 0, as "
         "`compare:` is `ratio`"),
        ("effect: 2", "effect: 0", "10: effect: expected a number above 0, as `compare:` is "
         "`ratio`"),
        ("effect: 2", "effect: .inf", "10: effect: expected a number such as 1.5, found `.inf`"),
        ("compare: ratio", "compare: rato", "8: compare: expected one of `ratio`, `difference`, "
         "found `rato`; did you mean `ratio`?"),
        ("direction: more", "direction: mor", "9: direction: expected one of `more`, `less`, "
         "found `mor`; did you mean `more`?"),
        ("    why: Because.\n", "", "2: `why:` is missing, or nothing is written after it"),
        ("from: here", "form: here", "4: unknown key `form`; did you mean `from`?"),
        ("name: looks-at-its-box", "name: Looks", "2: name: expected at most 60 small letters "
         "a-z, digits and single hyphens, found `Looks`"),
        ("effect: 2", "effect: 2\n    layer: 0", "11: layer: expected `first`, `last`, `all` or "
         "the number of a layer from 1, found `0`; they are counted from 1"),
        ("effect: 2", "effect: 2\n    head: true", "11: head: expected `mean`, `all` or the "
         "number of a head from 1, found `true`"),
    ],
)  # fmt: skip
def test_mistake_is_reported(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in GOOD
    assert problems(tmp_path, GOOD.replace(old, new, 1)) == [problem]


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("measure: lift", "measure: lfit").replace("more", "up")
    text = text.replace("    why: Because.\n", "")
    second = GOOD.partition("\n")[2] + "  - nothing\n"
    lines = problems(tmp_path, text + second + second)
    assert [line.partition(":")[0] for line in lines] == ["2", "5", "9", "21", "22", "32"]
    assert "is the name of claim 2 already" in lines[4]


@pytest.mark.parametrize("text", ["- name: a\n", "claims: 3\n", "claim:\n  - name: a\n"])
def test_file_of_another_kind_is_reported(tmp_path: Path, text: str) -> None:
    assert "`claims:` and below it a list" in problems(tmp_path, text)[0]
