"""What a model bears, for the lab to say: a card in, sides, degrees, visible share and number out.

Training may have measured it: the card's `limits` holds curves, rows of `low`, `high` and `found`.
Otherwise the numbers are those that were measured for the first embedded model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generator.detr.zoo import ModelCard

NEARLY = 0.9
"""Of the share that a model finds at its best: with less it does not "hold" any more."""
_MEASURED_ONCE = {"side": (0.12, 0.65), "turn": 30, "visible": 0.7, "things": 10}

Row = Mapping[str, Any]


def bounds_of(card: ModelCard) -> dict[str, Any]:
    """Between which sides, up to how many degrees, from which visible share things are found."""
    limits = (card.training or {}).get("limits")
    if not isinstance(limits, Mapping) or not {"side", "degrees", "visible"} <= set(limits):
        return dict(_MEASURED_ONCE)
    sides, degrees, visible = (_held(limits[name]) for name in ("side", "degrees", "visible"))
    if not (sides and degrees and visible):
        return dict(_MEASURED_ONCE)
    return {
        "side": (sides[0]["low"], sides[-1]["high"]),
        "turn": degrees[-1]["high"],
        "visible": visible[0]["low"],
        "things": _MEASURED_ONCE["things"],
    }


def _held(rows: Sequence[Row]) -> list[Row]:
    """The longest run of neighbours in which nearly as much is found as anywhere."""
    enough = NEARLY * max((row["found"] for row in rows if row["found"] is not None), default=1.0)
    best: list[Row] = []
    run: list[Row] = []
    for row in rows:
        run = [*run, row] if row["found"] is not None and row["found"] >= enough else []
        best = run if len(run) > len(best) else best
    return best
