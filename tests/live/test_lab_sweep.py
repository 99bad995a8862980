"""A thing goes through its range: every place is asked for, and the scene stays as it is."""

from __future__ import annotations

import numpy as np
import pytest

from tests.live.test_lab_state import lab

pytestmark = pytest.mark.node


@pytest.mark.slow
def test_a_sweep_asks_for_every_place_and_leaves_the_scene_as_it_is() -> None:
    body = """
    lab.add("cat", { x: .3, y: .5 });
    await answer();
    const before = [JSON.stringify(lab.scene), lab.past.past.length];
    lab.look({ plot: "size" });
    const says = [lab.sweepInWords()];
    const swept = lab.sweep();
    says.push(lab.sweepInWords());
    let rounds = 0;
    while (lab.swept && rounds++ < 100) await answer();
    await swept;
    const sizes = lab.track.samples.map((one) => one.size);
    await answer();
    return { says, sizes, same: before[0] === JSON.stringify(lab.scene),
      undo: lab.past.past.length - before[1], last: lab.result.scene === lab.scene,
      visible: lab.result.visible[0] };
    """
    found = lab(body)
    assert found["says"] == ["Scale it from small to large", "Stop"]
    np.testing.assert_allclose(found["sizes"], np.linspace(0.05, 1.05, 49))
    assert (found["same"], found["undo"], found["last"]) == (True, 0, True)


@pytest.mark.parametrize(
    "stop", ["lab.sweep()", "lab.change(0, { y: .2 })", "lab.undo()", "lab.follow(0)"]
)
def test_whatever_the_reader_does_ends_a_sweep(stop: str) -> None:
    body = f"""
    lab.add("cat", {{ x: .3, y: .5 }});
    lab.change(0, {{ x: .4 }});
    await answer();
    lab.look({{ plot: "x" }});
    const swept = lab.sweep();
    await answer();
    await answer();
    const sampled = lab.track.samples.length;
    {stop};
    const scene = lab.scene;
    for (let i = 0; i < 4; i++) await answer();
    await swept;
    return [lab.swept, sampled, lab.track.samples.length, lab.result.scene === scene];
    """
    ended, asked, samples, is_shown = lab(body)
    assert ended is None
    assert asked > 0
    assert samples <= asked + 2
    assert is_shown


@pytest.mark.slow
def test_a_sweep_goes_on_where_the_model_fails_and_when_a_switch_is_thrown() -> None:
    body = """
    process.on("unhandledRejection", () => {});
    lab.add("cat", { x: .3, y: .5 });
    await answer();
    const run = lab._run;
    let number = 0;
    lab._run = (...given) => number++ === 3 ? Promise.reject(new Error("no")) : run(...given);
    lab.look({ plot: "turn" });
    const swept = lab.sweep();
    for (let i = 0; i < 5; i++) await answer();
    lab.switchOff(["positions"], true);
    for (let i = 0; i < 60 && lab.swept; i++) await answer();
    await swept;
    return [lab.swept, lab.track.samples.length, asked.at(-1).changes.withoutPositions];
    """
    ended, samples, without = lab(body)
    assert (ended, without) == (None, True)
    assert 47 <= samples <= 49
