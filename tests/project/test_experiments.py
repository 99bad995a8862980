"""Reading the experiments of the lab: what is right, and what is said about what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import ConfigurationError
from generator.project.experiments import Experiment, read_experiments, sprite_files

HEAD = """---
scene:
  background: tiles
  seed: 3
  objects:
    - {sprite: cat, x: 0.5, y: 0.5, size: 0.3, turn: -20, flip: on}
    - {sprite: dog, x: 0, y: 1}
follow: 2
show: cross
plot: size
threshold: 0.5
---
"""


def read(folder: Path, **texts: str) -> tuple[Experiment, ...]:
    (folder / "lab").mkdir()
    for name, text in texts.items():
        path = folder / "lab" / f"{name.replace('_', '-')}.md"
        path.write_text(text, encoding="utf-8")
    return read_experiments(folder, ["cat", "dog"])


def problems(folder: Path, **texts: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(folder, **texts)
    return [f"{one.line}: {one.message}" for one in caught.value.problems]


def test_a_whole_experiment(tmp_path: Path) -> None:
    (one,) = read(tmp_path, two_pets=HEAD + "\n### Two pets ###\n\nWords.\n")
    assert (one.name, one.file, one.title) == ("two-pets", "lab/two-pets.md", "Two pets")
    assert (one.follow, one.show, one.plot, one.threshold) == (2, "cross", "size", 0.5)
    assert (one.scene.background, one.scene.seed) == ("tiles", 3)
    cat, dog = one.scene.objects
    assert (cat.turn, cat.flip, cat.size) == (-20, True, 0.3)
    assert (dog.x, dog.y, dog.turn, dog.flip) == (0, 1, 0, False)


def test_numbers_in_file_names_are_their_order_and_no_part_of_the_name(tmp_path: Path) -> None:
    text = HEAD + "# One\n"
    found = read(tmp_path, **{"10_b": text, "02_c": text, "d": text, "1_a": text})
    assert [one.name for one in found] == ["a", "c", "b", "d"]


def test_without_a_folder_there_is_none(tmp_path: Path) -> None:
    assert read_experiments(tmp_path, []) == ()


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    text = HEAD.replace("sprite: cat", "sprite: catt").replace("tiles", "tile")
    text = text.replace("follow: 2", "folow: 2").replace("show: cross", "show: crosses")
    found = problems(tmp_path, a=text + "# One\n", b="# No head\n", c=HEAD + "no heading\n")
    assert [one.partition(":")[0] for one in found] == ["3", "8", "9", "1", "2"]
    assert "did you mean `tiles`" in found[0]
    assert "folow" in found[1]
    assert "cross" in found[2]


def test_things_that_there_are_not(tmp_path: Path) -> None:
    text = HEAD.replace("sprite: cat", "sprite: catt").replace("follow: 2", "follow: 3")
    found = problems(tmp_path, a=text + "# One\n")
    assert found[0].startswith("6:")
    assert "did you mean `cat`" in found[0]
    assert found[1].startswith("8:")
    assert "at most 2" in found[1]


@pytest.mark.parametrize("name", ["two pets", "zwölf", "a.b", "1_"])
def test_a_name_that_no_address_could_hold(tmp_path: Path, name: str) -> None:
    (found,) = problems(tmp_path, **{name: HEAD + "# One\n"})
    assert found.startswith("1: expected a file's name of letters, digits and hyphens, found `")


def test_two_of_one_name(tmp_path: Path) -> None:
    found = problems(tmp_path, **{"1_a": HEAD + "# A\n", "2_a": HEAD + "# A\n"})
    assert "another experiment is called `a`" in found[0]


def test_sprites_are_pictures_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "sprites").mkdir()
    for name in ("zebra.webp", "apple.png", "NOTICE", "apple-2.webp"):
        (tmp_path / "sprites" / name).touch()
    assert list(sprite_files(tmp_path)) == ["apple", "apple-2", "zebra"]
    assert sprite_files(tmp_path / "nowhere") == {}
