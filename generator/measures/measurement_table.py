"""The measurements of one image as columns: a twentieth of the memory of as many records.

In: `Measurement`s. Out: a sequence of the same, each made when it is asked for. A gallery of many
images keeps its numbers so, and whoever reads them sees records.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from generator.measures.measurement import Measurement

_Names = tuple[str, str, int, int | None, tuple[str, ...]]
"""Measure, mechanism, layer, head, and the names of the controls."""
_KNOWN: dict[_Names, _Names] = {}
"""All names so far: images share them, and there are some hundreds."""


class MeasurementTable(Sequence[Measurement]):
    """Measurements that are kept as numbers.

    Args:
        measurements: kept in their order.
    """

    __hash__ = None  # type: ignore[assignment]  # as of a list: it is compared by what it holds
    __slots__ = ("_counts", "_names", "_numbers", "_starts")

    def __init__(self, measurements: Iterable[Measurement]) -> None:
        self._names: list[_Names] = []
        self._counts, self._starts = array("i"), array("i")
        self._numbers = array("d")  # of each measurement the value, then its controls
        for one in measurements:
            controls = tuple(name for name, _ in one.controls)
            names = one.measure, one.mechanism, one.layer, one.head, controls
            self._names.append(_KNOWN.setdefault(names, names))
            self._counts.append(one.count)
            self._starts.append(len(self._numbers))
            self._numbers.append(one.value)
            self._numbers.extend(number for _, number in one.controls)

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, place: int) -> Measurement: ...
    @overload
    def __getitem__(self, place: slice) -> list[Measurement]: ...

    def __getitem__(self, place: int | slice) -> Measurement | list[Measurement]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        measure, mechanism, layer, head, controls = self._names[place]
        start = self._starts[place]
        numbers = self._numbers[start + 1 : start + 1 + len(controls)]
        return Measurement(
            measure,
            mechanism,
            layer,
            head,
            self._numbers[start],
            self._counts[place],
            tuple(zip(controls, numbers, strict=True)),
        )

    def __iter__(self) -> Iterator[Measurement]:
        return map(self.__getitem__, range(len(self)))

    def __eq__(self, other: object) -> bool:
        """Whether it holds the same as another sequence."""
        return isinstance(other, Sequence) and tuple(self) == tuple(other)
