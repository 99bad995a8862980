"""A scene of the lab as data: changes, their past, and the address that holds it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.live.node import run

pytestmark = pytest.mark.node

CAT = {"sprite": "cat", "x": 0.25, "y": 0.5, "size": 0.4, "turn": 0, "flip": False}
DOG = {"sprite": "dog", "x": 0.6, "y": 0.31, "size": 0.2, "turn": -30, "flip": True}
BUS = {"sprite": "bus", "x": -0.1, "y": 1.2, "size": 1.5, "turn": 179, "flip": False}
SCENE: dict[str, Any] = {"background": "tiles", "seed": 12, "things": [CAT, DOG, BUS], "follow": 1}


def scene(body: str, value: Any = None) -> Any:
    return run(["lab_scene.js"], f"const S = Live.scene; {body}", value)


def test_an_address_holds_a_whole_scene() -> None:
    body = """
    const text = S.serialise(value);
    return { text, back: S.parse("#" + text, ["cat", "dog", "bus"], ["tiles"]) };
    """
    found = scene(body, SCENE)
    assert found["back"] == SCENE
    assert " " not in found["text"]


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("scene=tiles,1;cat,250,500,400,0,0;unicorn,1,1,1,0,0", 1),
        ("scene=tiles,1;cat,nonsense,,,,", 1),
        ("scene=tiles,1;cat", 1),
        ("scene=tiles", 0),
        ("scene=tiles,1;cat,9e99,-9e99,0,1e9,1", 1),
    ],
)
def test_what_an_address_has_wrong_becomes_something_that_can_be_shown(
    text: str, things: int
) -> None:
    found = scene("return S.parse(value, ['cat'], ['tiles']);", text)
    assert len(found["things"]) == things
    for one in found["things"]:
        assert -0.5 <= one["x"] <= 1.5
        assert 0.03 <= one["size"] <= 1.5
        assert -180 <= one["turn"] < 180


@pytest.mark.parametrize("text", ["", "#on-this-page", "scene=", "scene=ocean,1;cat,1,1,1,0,0"])
def test_an_address_without_a_scene_is_none(text: str) -> None:
    assert scene("return S.parse(value, ['cat'], ['tiles']);", text) is None


def test_the_followed_thing_stays_the_same_one_when_others_come_and_go() -> None:
    body = """
    const names = (scene) =>
      [...scene.things, scene.things[scene.follow]].map((one) => one?.sprite);
    return [
      names(S.remove(value, 0)), names(S.remove(value, 1)), names(S.remove(value, 2)),
      names(S.reorder(value, 1, 2)), names(S.reorder(value, 0, 2)), names(S.reorder(value, 2, -5)),
      names(S.add(value, S.thing({ sprite: "cow" }))),
    ];
    """
    assert scene(body, SCENE) == [
        ["dog", "bus", "dog"],
        ["cat", "bus", None],
        ["cat", "dog", "dog"],
        ["cat", "bus", "dog", "dog"],
        ["dog", "bus", "cat", "dog"],
        ["bus", "cat", "dog", "dog"],
        ["cat", "dog", "bus", "cow", "dog"],
    ]


def test_a_change_leaves_the_scene_before_as_it_was() -> None:
    body = "const next = S.change(value, 0, { x: 0.9, turn: 190 }); return [next, value];"
    after, before = scene(body, SCENE)
    assert before == SCENE
    assert after["things"][0] == {**CAT, "x": 0.9, "turn": -170}
    assert after["things"][1:] == SCENE["things"][1:]


def test_a_drag_is_undone_as_a_whole() -> None:
    body = """
    const past = S.past(0), seen = [];
    past.push(1, "drag"); past.push(2, "drag"); past.push(3, "drag"); past.settle();
    past.push(4, "drag"); past.push(5, "drag");
    seen.push(past.undo(), past.undo(), past.canUndo, past.undo());
    seen.push(past.redo(), past.redo(), past.canRedo, past.redo());
    past.undo(); past.push(9);
    seen.push(past.canRedo, past.undo());
    return seen;
    """
    assert scene(body) == [3, 0, False, 0, 3, 5, False, 5, False, 3]


def test_the_past_has_an_end() -> None:
    body = """
    const past = S.past(0, 5);
    for (let i = 1; i < 20; i++) past.push(i);
    while (past.canUndo) past.undo();
    return past.state;
    """
    assert scene(body) == 15


def test_what_is_beyond_the_bounds_is_said() -> None:
    bounds = {"side": [0.12, 0.65], "turn": 30, "visible": 0.7, "things": 10}
    body = "return value.things.map(([one, seen]) => S.outside(one, seen, value.bounds));"
    things = [
        [{**CAT, "turn": 30}, 0.7],
        [{**CAT, "size": 0.1, "turn": -31}, 1],
        [{**CAT, "size": 0.66}, 0.55],
    ]
    found = scene(body, {"things": things, "bounds": bounds})
    assert found[0] == []
    assert [words.split(":")[0] for words in found[1]] == ["small", "turned"]
    assert [words.split(":")[0] for words in found[2]] == ["large", "hidden"]
    assert "55 %" in found[2][1]
