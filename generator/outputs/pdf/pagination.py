"""Heights of blocks -> the page of each block, and the scale of its figures.

In: the blocks of a section, which begins a page, in millimetres. Out: the same blocks in the
order in which they are set, with page breaks and scales. It works with numbers alone: other
modules measure and typeset the blocks.

Typst by itself moves what does not fit to the next page and leaves the rest of the page white.
Here all pages of a section are optimised together: a page may end early, its figures may
shrink, or the text after a figure may come first. Each of these has a cost, and the cheapest
sequence of pages is taken (total-fit pagination: M. F. Plass, Optimal Pagination Techniques
for Automatic Typesetting Systems, 1981).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

SMALLEST = 0.7
"""The smallest scale of a figure."""

SPARE = 2.0
"""Millimetres of a page that stay free, in case a height was measured a little too low."""

# More stays free after a text that began on the page before: its end is known only roughly.
_SPARE_AFTER_SPLIT = 7.0

# Costs: of an empty page (for a part of a page, times the part's square), of figures shrunk to
# nothing (for less, times the square), and of each page. So one more page costs as much as
# leaving 0.39 of a page white.
_WHITE_PAGE, _SHRINKING, _EACH_PAGE = 100.0, 144.0, 15.0
# Costs: of a figure that waits, of a text split over two pages, of a short last page.
_WAITING_FIGURE, _SPLIT_TEXT, _SHORT_LAST_PAGE = 2.0, 0.5, 6.0
_SHORT = 0.2
"""A last page that holds less than this share of its height is short."""


@dataclass(frozen=True)
class Extent:
    """The room that a block takes, together with the headings before it.

    Attributes:
        full: its height with figures in full size, in millimetres.
        least: its height with figures at `SMALLEST`; the same if it has none.
        level: of its first heading, 0 without one.
        is_whole: it must not be split over two pages; then a page has room for it at `least`.
        start: the room that a page must have left for it to begin there and continue on the
            next.
        floats: it is a figure, and text after it may come first.
    """

    full: float
    least: float
    level: int = 0
    is_whole: bool = False
    start: float = 12.0
    floats: bool = False


@dataclass(frozen=True)
class Placement:
    """The place of a block.

    Attributes:
        index: of the block.
        scale: of its figures, from `SMALLEST` to 1.
        begins_page: there is a page break before it.
        floats: it goes to the top of the next page, while text fills this page.
    """

    index: int
    scale: float = 1.0
    begins_page: bool = False
    floats: bool = False


def paginate(extents: Sequence[Extent], room: float, overtakes: int = 3) -> tuple[Placement, ...]:
    """Finds the pages of one section.

    Args:
        extents: of its blocks, in order.
        room: height of a page, in millimetres.
        overtakes: a block with a heading may come before a waiting figure if the heading's level
            is at least this; 1 is a chapter's level.

    Returns:
        Every block once, in the order in which they are set.

    Raises:
        ValueError: a block that must not be split is higher than a page.
    """
    if any(one.is_whole and one.least > room - SPARE for one in extents):
        raise ValueError(f"a block that must not be split is higher than a page of {room} mm")
    section = _Section(extents, room, overtakes)
    start, end = _Top(0), _Top(len(extents))
    # Dijkstra's shortest path from the top of the first page to the end.
    costs, ways = {start: 0.0}, dict[_Top, _Page]()
    queue = [(0.0, start)]
    while queue:
        cost, top = heapq.heappop(queue)
        if top == end:
            break
        if cost > costs[top]:
            continue
        for page in section.pages(top):
            total = cost + page.cost
            if total < costs.get(page.then, math.inf):
                costs[page.then], ways[page.then] = total, page
                heapq.heappush(queue, (total, page.then))
    pages = []
    while end != start:
        pages.append(ways[end])
        end = ways[end].top
    return _placements(reversed(pages))


@dataclass(frozen=True, order=True)
class _Top:
    """The start of a page: the next block, millimetres of the last one, a waiting figure."""

    next: int
    rest: int = 0
    waiting: int = -1


@dataclass(frozen=True)
class _Page:
    """One way to fill a page.

    Attributes:
        blocks: the whole blocks on it, a figure that waited first.
        scale: of their figures.
        split: the block that continues on the next page; -1 without one.
        then: the start of the next page.
    """

    top: _Top
    blocks: tuple[int, ...]
    scale: float
    split: int
    then: _Top
    cost: float


class _Section:
    """The blocks of a section, and all ways to fill a page with some of them."""

    def __init__(self, extents: Sequence[Extent], room: float, overtakes: int) -> None:
        self._extents, self._room, self._overtakes = extents, room, overtakes

    def pages(self, top: _Top) -> Iterator[_Page]:
        """All ways to fill a page with this start."""
        blocks = [top.waiting] if top.waiting >= 0 else []
        free = self._free(top)
        for index in range(top.next, len(self._extents)):
            if blocks or top.rest:
                yield self._ended(top, blocks, _Top(index))
            extent = self._extents[index]
            full, least = self._heights([*blocks, index])
            if full > free and not extent.is_whole:
                yield from self._split(top, blocks, index)
            if full > free and extent.floats and not extent.level and top.waiting < 0:
                yield from self._overtaken(top, blocks, index)
            if least > free:
                return
            blocks.append(index)
        yield self._ended(top, blocks, _Top(len(self._extents)))

    def _overtaken(self, top: _Top, blocks: Sequence[int], figure: int) -> Iterator[_Page]:
        """The page filled with what follows a figure, which goes to the next page."""
        blocks = list(blocks)
        for index in range(figure + 1, len(self._extents)):
            extent = self._extents[index]
            if extent.floats or 0 < extent.level < self._overtakes:
                return
            if not extent.is_whole:
                yield from self._split(top, blocks, index, figure)
            if self._heights([*blocks, index])[1] > self._free(top):
                return
            blocks.append(index)
            yield self._ended(top, blocks, _Top(index + 1, waiting=figure))

    def _ended(self, top: _Top, blocks: Sequence[int], then: _Top) -> _Page:
        """A page that ends after a block."""
        free = self._free(top)
        full, least = self._heights(blocks)
        scale = _scale(full, least, free)
        used = min(full, free)
        if then != _Top(len(self._extents)):
            cost = _WHITE_PAGE * ((free - used) / self._room) ** 2
        else:
            is_short = used + top.rest < _SHORT * self._room
            cost = _SHORT_LAST_PAGE if is_short and top != _Top(0) else 0.0
        cost += _EACH_PAGE + _cost_of(scale) + (_WAITING_FIGURE if then.waiting >= 0 else 0.0)
        return _Page(top, tuple(blocks), scale, -1, then, cost)

    def _split(
        self, top: _Top, blocks: Sequence[int], index: int, figure: int = -1
    ) -> Iterator[_Page]:
        """The page whose last block continues on the next page, below a figure that waits."""
        extent, free = self._extents[index], self._free(top)
        usable = free - extent.start
        full, least = self._heights(blocks)
        used = min(full, usable)
        left = used + extent.full - free
        if least > usable or left <= 0:
            return
        if figure >= 0:
            # Typst floats the figure to the first page with room, which must be the next one.
            height = self._extents[figure].least
            if used + height <= self._room or left + height > self._room - _SPARE_AFTER_SPLIT:
                return
        more = math.ceil(left / self._room) - 1
        then = _Top(index + 1, math.ceil(left - more * self._room), figure)
        scale = _scale(full, least, usable)
        cost = _SPLIT_TEXT + _EACH_PAGE * (1 + more) + _cost_of(scale)
        cost += _WAITING_FIGURE if figure >= 0 else 0.0
        yield _Page(top, tuple(blocks), scale, index, then, cost)

    def _free(self, top: _Top) -> float:
        return self._room - top.rest - (_SPARE_AFTER_SPLIT if top.rest else SPARE)

    def _heights(self, blocks: Iterable[int]) -> tuple[float, float]:
        """The total height of blocks, in full size and at the smallest, in millimetres."""
        chosen = [self._extents[index] for index in blocks]
        return sum(one.full for one in chosen), sum(one.least for one in chosen)


def _scale(full: float, least: float, free: float) -> float:
    """The largest scale at which blocks fit; heights between the two are linear in it."""
    if full <= free or full == least:
        return 1.0
    share = (full - free) / (full - least)
    return math.floor(1000 * (1 - (1 - SMALLEST) * min(1.0, share))) / 1000


def _cost_of(scale: float) -> float:
    return _SHRINKING * (1 - scale) ** 2


def _placements(pages: Iterable[_Page]) -> tuple[Placement, ...]:
    """The blocks of all pages in the order in which they are set."""
    placed: list[Placement] = []
    for page in pages:
        begins, blocks = page.top != _Top(0) and not page.top.rest, page.blocks
        if page.top.rest and page.top.waiting >= 0:
            # It was placed before the text that began on the last page; its scale is this page's.
            place = next(n for n, one in enumerate(placed) if one.index == page.top.waiting)
            placed[place] = replace(placed[place], scale=page.scale)
            blocks = blocks[1:]
        on_page = [Placement(index, page.scale) for index in blocks]
        if page.split >= 0:
            if page.then.waiting >= 0:
                on_page.append(Placement(page.then.waiting, floats=True))
            on_page.append(Placement(page.split))
        if on_page:
            on_page[0] = replace(on_page[0], begins_page=begins)
        placed += on_page
    return tuple(placed)
