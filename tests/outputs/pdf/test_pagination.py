"""Pages from heights, compared with every possible pagination if there are few."""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import replace

import pytest

from generator.outputs.pdf.pagination import SMALLEST, Extent, Placement, paginate

ROOM = 247.0


def figure(high: float, level: int = 0) -> Extent:
    """A figure; its caption takes 20 mm of its height."""
    least = 20 + SMALLEST * (high - 20)
    return Extent(high, least, level, is_whole=True, floats=True)


def text(high: float, level: int = 0) -> Extent:
    return Extent(high, high, level)


def whole(high: float, level: int = 0) -> Extent:
    return Extent(high, high, level, is_whole=True)


def pages_of(placed: tuple[Placement, ...]) -> list[list[int]]:
    """The blocks of each page; a split block is on the page on which it begins."""
    pages: list[list[int]] = [[]]
    for one in placed:
        if one.begins_page:
            pages.append([])
        pages[-1].append(one.index)
    return pages


def test_what_fits_a_page_is_left_as_it_is() -> None:
    placed = paginate([text(50, 1), figure(120), text(60)], ROOM)
    assert placed == (Placement(0), Placement(1), Placement(2))


def test_nothing_gives_nothing() -> None:
    assert paginate([], ROOM) == ()


def test_figures_shrink_where_a_page_then_holds_one_more() -> None:
    first, second = paginate([figure(130), figure(130)], ROOM)
    assert not second.begins_page
    assert first.scale == second.scale
    heights = 2 * (20 + first.scale * 110)
    assert ROOM - 5 < heights <= ROOM


def test_figures_keep_their_size_where_shrinking_would_not_help() -> None:
    placed = paginate([figure(200), figure(200)], ROOM)
    assert [one.scale for one in placed] == [1, 1]
    assert pages_of(placed) == [[0], [1]]


def test_text_comes_before_a_figure_that_the_page_has_no_room_for() -> None:
    placed = paginate([whole(150), figure(200), whole(60), whole(40)], ROOM)
    assert [one.index for one in placed] == [0, 2, 1, 3]
    assert pages_of(placed) == [[0, 2], [1, 3]]
    assert not any(one.floats for one in placed)


def test_text_may_go_on_below_a_figure_that_waited() -> None:
    placed = paginate([whole(200), figure(190), text(60), text(20)], ROOM)
    assert [(one.index, one.floats) for one in placed] == [
        (0, False), (1, True), (2, False), (3, False),
    ]  # fmt: skip
    assert not any(one.begins_page for one in placed)


@pytest.mark.parametrize(("level", "order"), [(2, [0, 1, 2]), (3, [0, 2, 1])])
def test_no_section_comes_before_a_figure_of_the_one_before(level: int, order: list[int]) -> None:
    placed = paginate([whole(150), figure(220), whole(70, level)], ROOM, overtakes=3)
    assert [one.index for one in placed] == order


def test_figure_with_a_heading_does_not_wait() -> None:
    placed = paginate([whole(150), figure(220, level=3), whole(60)], ROOM)
    assert [one.index for one in placed] == [0, 1, 2]


def test_text_is_split_and_what_comes_after_it_follows() -> None:
    placed = paginate([whole(200), text(100), whole(100)], ROOM)
    assert placed == (Placement(0), Placement(1), Placement(2))


@pytest.mark.parametrize(("start", "begins_page"), [(12, False), (30, True)])
def test_text_begins_only_where_enough_of_it_has_room(start: float, begins_page: bool) -> None:
    placed = paginate([whole(220), replace(text(100), start=start)], ROOM)
    assert placed[1].begins_page == begins_page


def test_figure_waits_only_where_that_fills_a_page() -> None:
    placed = paginate([whole(238), figure(200), whole(5)], ROOM)
    assert [one.index for one in placed] == [0, 1, 2]


def test_last_page_holds_more_where_the_one_before_can_spare_it() -> None:
    assert pages_of(paginate([whole(185), whole(30), whole(45)], ROOM)) == [[0], [1, 2]]


def test_text_of_many_pages_is_split_over_all_of_them() -> None:
    placed = paginate([text(2000), whole(230), whole(200)], ROOM)
    assert [one.index for one in placed if one.begins_page] == [1, 2]  # 2000 = 8 * 247 + 24


def test_block_that_must_not_be_split_and_fits_no_page_is_refused() -> None:
    with pytest.raises(ValueError, match="higher than a page"):
        paginate([whole(300)], ROOM)


def cheapest(blocks: list[Extent]) -> float:
    """The lowest cost of any way to cut blocks into pages, without splits or waiting figures."""
    costs = []
    for cuts in itertools.product([False, True], repeat=len(blocks) - 1):
        groups: list[list[Extent]] = [[blocks[0]]]
        for block, is_cut in zip(blocks[1:], cuts, strict=True):
            if is_cut:
                groups.append([])
            groups[-1].append(block)
        costs.append(sum(cost_of(group, group is groups[-1], len(groups)) for group in groups))
    return min(costs)


def cost_of(group: list[Extent], is_last: bool, count: int) -> float:
    free = ROOM - 2
    full, least = sum(one.full for one in group), sum(one.least for one in group)
    if least > free:
        return math.inf
    scale = 1.0 if full <= free else 1 - 0.3 * (full - free) / (full - least)
    used = min(full, free)
    ending = 100 * ((free - used) / ROOM) ** 2
    if is_last:
        ending = 6.0 if count > 1 and used < 0.2 * ROOM else 0.0
    return 15 + ending + 144 * (1 - scale) ** 2


class Pages:
    """Sets blocks as Typst does, and fails if a block runs off its page."""

    def __init__(self, blocks: list[Extent], placed: tuple[Placement, ...]) -> None:
        self.used, self.spare = 0.0, 2.0
        self.waiting: float | None = None
        for one in placed:
            block = blocks[one.index]
            height = block.full - (1 - one.scale) / (1 - SMALLEST) * (block.full - block.least)
            if one.begins_page:
                self.new_page()
            if one.floats:
                assert self.used + height > ROOM, "it would stand on this page, not the next"
                self.waiting = height
            elif block.is_whole or self.used + height <= ROOM - self.spare:
                self.used += height
                assert self.used <= ROOM - self.spare + 0.5
            else:
                self.split(height, block.start)
        assert self.waiting is None

    def split(self, height: float, start: float) -> None:
        assert ROOM - self.spare - self.used >= start - 0.5, "a text began where it has no room"
        rest = self.used + height - (ROOM - self.spare)
        while rest > 0:
            self.new_page()
            self.used, self.spare = self.used + min(rest, ROOM), 7.0
            assert self.used <= ROOM, "the figure that waited leaves no room for the text"
            rest -= ROOM

    def new_page(self) -> None:
        self.used, self.spare = self.waiting or 0.0, 2.0
        self.waiting = None


@pytest.mark.parametrize("seed", range(60))
def test_every_block_is_set_once_and_none_runs_off_its_page(seed: int) -> None:
    chance = random.Random(seed)
    blocks = []
    for _ in range(chance.randint(1, 25)):
        make = chance.choice([figure, figure, text, whole])
        high = chance.choice([chance.uniform(5, 60), chance.uniform(60, 240)])
        blocks.append(make(high, chance.choice([0, 0, 0, 2, 3])))
        if make is text and chance.random() < 0.1:
            blocks.append(text(chance.uniform(250, 1500)))
    placed = paginate(blocks, ROOM)
    assert sorted(one.index for one in placed) == list(range(len(blocks)))
    Pages(blocks, placed)
    others = [one.index for one in placed if not blocks[one.index].floats]
    assert others == sorted(others)


@pytest.mark.parametrize("seed", range(30))
def test_no_other_way_to_cut_a_section_is_cheaper(seed: int) -> None:
    chance = random.Random(seed)
    blocks = []
    for _ in range(chance.randint(2, 8)):
        high = chance.uniform(30, 200)
        blocks.append(
            whole(high) if chance.random() < 0.5 else figure(high, level=3)  # headed: never waits
        )
    pages = pages_of(paginate(blocks, ROOM))
    groups = [[blocks[index] for index in page] for page in pages]
    found = sum(cost_of(group, group is groups[-1], len(groups)) for group in groups)
    assert found == pytest.approx(cheapest(blocks), abs=0.2)  # scales are rounded down
