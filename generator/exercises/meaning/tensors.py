"""Tensors of a few numbers, and views of them: shapes, indices, axes.

In and out: `Tensor`s. A shape that PyTorch would refuse is an `UnclearError`, and so is what this
module does not know. `tensors.js` does the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.exercises.meaning.code import UnclearError

_MOST_NUMBERS, _MOST_AXES = 200_000, 8
Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Tensor:
    """A tensor.

    Attributes:
        values: its numbers, of any shape.
        is_any: only the shape counts: its numbers are random, or are learned.
        is_dense: whether its numbers lie in memory in order, as `view` wants them.
    """

    values: NDArray[np.float64]
    is_any: bool = False
    is_dense: bool = True

    @property
    def shape(self) -> Shape:
        """Its sizes."""
        return self.values.shape


def filled(shape: Sequence[Any], value: float = 0.0, *, is_any: bool = False) -> Tensor:
    """A tensor with one number everywhere."""
    _check_sizes(shape)
    return Tensor(np.full(tuple(shape), float(value)), is_any)


def probe(shape: Sequence[Any], seed: int) -> Tensor:
    """A tensor of unlike numbers between -1 and 1, always the same for a seed."""
    _check_sizes(shape)
    steps = np.arange(math.prod(shape), dtype=np.int64)
    spread = (steps * 7919 + seed * 104729 + 12345) * 48271 % 2147483647
    return Tensor((spread / 2147483647 * 2 - 1).reshape(shape))


def is_whole(value: object) -> bool:
    """Whether a value is an integer; True is none."""
    return isinstance(value, int) and not isinstance(value, bool)


def _check_sizes(shape: Sequence[Any]) -> None:
    if not all(is_whole(size) and size >= 0 for size in shape) or len(shape) > _MOST_AXES:
        raise UnclearError
    if math.prod(shape) > _MOST_NUMBERS:
        raise UnclearError


def axis_of(axis: Any, count: int) -> int:
    """An axis as a number from 0.

    Raises:
        UnclearError: there is no such axis.
    """
    if not is_whole(axis) or not -count <= axis < count:
        raise UnclearError
    return int(axis) % count


def reshaped(tensor: Tensor, shape: Sequence[Any]) -> Tensor:
    """The same numbers in the same order, in another shape; one size may be -1."""
    sizes = list(shape)
    if sizes.count(-1) > 1 or not all(is_whole(size) and size >= -1 for size in sizes):
        raise UnclearError
    known = math.prod(size for size in sizes if size != -1)
    if -1 in sizes:
        if known == 0 or tensor.values.size % known:
            raise UnclearError
        sizes[sizes.index(-1)] = tensor.values.size // known
    if math.prod(sizes) != tensor.values.size or len(sizes) > _MOST_AXES:
        raise UnclearError
    return Tensor(tensor.values.reshape(sizes), tensor.is_any)


def viewed(tensor: Tensor, shape: Sequence[Any]) -> Tensor:
    """`reshaped`, for tensors whose numbers lie in order."""
    if not tensor.is_dense:
        raise UnclearError
    return reshaped(tensor, shape)


def permuted(tensor: Tensor, axes: Sequence[Any]) -> Tensor:
    """The axes in another order."""
    order = [axis_of(axis, len(tensor.shape)) for axis in axes]
    if sorted(order) != list(range(len(tensor.shape))):
        raise UnclearError
    moved = [axis for axis in order if tensor.shape[axis] != 1]
    is_dense = tensor.is_dense and moved == sorted(moved)
    return Tensor(tensor.values.transpose(order), tensor.is_any, is_dense)


def transposed(tensor: Tensor, one: Any, other: Any) -> Tensor:
    """Two axes exchanged."""
    count = len(tensor.shape)
    order = list(range(count))
    first, second = axis_of(one, count), axis_of(other, count)
    order[first], order[second] = order[second], order[first]
    return permuted(tensor, order)


def unsqueezed(tensor: Tensor, axis: Any) -> Tensor:
    """A new axis of size 1."""
    if len(tensor.shape) >= _MOST_AXES:
        raise UnclearError
    place = axis_of(axis, len(tensor.shape) + 1)
    return Tensor(np.expand_dims(tensor.values, place), tensor.is_any, tensor.is_dense)


def squeezed(tensor: Tensor, axis: Any = None) -> Tensor:
    """Without an axis of size 1, or without all of them."""
    axes = range(len(tensor.shape)) if axis is None else [axis_of(axis, len(tensor.shape))]
    kept = [n for i, n in enumerate(tensor.shape) if i not in axes or n != 1]
    return Tensor(tensor.values.reshape(kept), tensor.is_any, tensor.is_dense)


def flattened(tensor: Tensor, first: Any, last: Any) -> Tensor:
    """Neighbouring axes as one."""
    count = len(tensor.shape)
    start, end = axis_of(first, count), axis_of(last, count)
    if start > end:
        raise UnclearError
    middle = math.prod(tensor.shape[start : end + 1])
    return reshaped(tensor, (*tensor.shape[:start], middle, *tensor.shape[end + 1 :]))


def expanded(tensor: Tensor, sizes: Sequence[Any]) -> Tensor:
    """Axes of size 1 repeated; -1 keeps a size."""
    missing = len(sizes) - len(tensor.shape)
    if missing < 0 or not all(map(is_whole, sizes)) or -1 in sizes[:missing]:
        raise UnclearError
    old = (1,) * missing + tensor.shape
    new = [a if b == -1 else b for a, b in zip(old, sizes, strict=True)]
    _check_sizes(new)
    if any(a not in (1, b) for a, b in zip(old, new, strict=True)):
        raise UnclearError
    values = np.broadcast_to(tensor.values, new)
    return Tensor(values, tensor.is_any, tensor.is_dense and tuple(new) == old)


def repeated(tensor: Tensor, counts: Sequence[Any]) -> Tensor:
    """Whole copies along each axis."""
    missing = len(counts) - len(tensor.shape)
    if missing < 0:
        raise UnclearError
    _check_sizes(counts)
    _check_sizes([a * b for a, b in zip((1,) * missing + tensor.shape, counts, strict=True)])
    return Tensor(np.tile(tensor.values, counts), tensor.is_any)


def joined(tensors: Sequence[Any], axis: Any) -> Tensor:
    """Tensors one behind the other along an axis."""
    if not _are_tensors(tensors):
        raise UnclearError
    place = axis_of(axis, len(tensors[0].shape))
    rests = {(*one.shape[:place], *one.shape[place + 1 :]) for one in tensors}
    if len(rests) > 1 or len({len(one.shape) for one in tensors}) > 1:
        raise UnclearError
    values = np.concatenate([one.values for one in tensors], axis=place)
    return Tensor(values, any(one.is_any for one in tensors))


def stacked(tensors: Sequence[Any], axis: Any) -> Tensor:
    """Tensors of one shape side by side along a new axis."""
    if not _are_tensors(tensors):
        raise UnclearError
    place = axis_of(axis, len(tensors[0].shape) + 1)
    return joined([unsqueezed(one, place) for one in tensors], place)


def _are_tensors(values: Any) -> bool:
    is_several = isinstance(values, list | tuple) and bool(values)
    return is_several and all(isinstance(one, Tensor) for one in values)


def taken(tensor: Tensor, axis: Any, places: Sequence[Any]) -> Tensor:
    """Some places of an axis, in a given order."""
    at = axis_of(axis, len(tensor.shape))
    places = [axis_of(place, tensor.shape[at]) for place in places]
    return Tensor(np.take(tensor.values, places, axis=at), tensor.is_any)


def combined(
    one: Tensor, other: Tensor, function: Callable[[Any, Any], NDArray[np.float64]]
) -> Tensor:
    """Number by number, with PyTorch's rules for unlike shapes."""
    try:
        shape = np.broadcast_shapes(one.shape, other.shape)
    except ValueError:
        raise UnclearError from None
    _check_sizes(shape)
    with np.errstate(all="ignore"):
        return Tensor(
            np.asarray(function(one.values, other.values), float), one.is_any or other.is_any
        )


def indexed(tensor: Tensor, indices: Sequence[Any]) -> Tensor:
    """`tensor[...]`: integers, slices, None, an ellipsis, or places as one tuple of integers."""
    consumed = sum(index is not None and index is not ... for index in indices)
    if indices.count(...) > 1 or consumed > len(tensor.shape):
        raise UnclearError
    everything = [slice(None)] * (len(tensor.shape) - consumed)
    if ... in indices:
        at = list(indices).index(...)
        indices = [*indices[:at], *everything, *indices[at + 1 :]]
    axis = 0
    found = tensor
    for index in indices:
        if index is None:
            found = unsqueezed(found, axis)
            axis += 1
        elif isinstance(index, slice):
            found = _sliced(found, axis, index)
            axis += 1
        elif isinstance(index, tuple):
            found = taken(found, axis, index)
            axis += 1
        else:
            one = taken(found, axis, [index])
            shape = [size for i, size in enumerate(one.shape) if i != axis]
            found = Tensor(one.values.reshape(shape), one.is_any, found.is_dense and axis == 0)
    return found


def places_of(index: slice, count: int) -> range:
    """The places of a slice; it goes forwards.

    Raises:
        UnclearError: its ends or its step are not such.
    """
    parts = (index.start, index.stop, index.step)
    if not all(part is None or is_whole(part) for part in parts):
        raise UnclearError
    if index.step is not None and index.step < 1:
        raise UnclearError
    return range(*index.indices(count))


def _sliced(tensor: Tensor, axis: int, index: slice) -> Tensor:
    places = places_of(index, tensor.shape[axis])
    values = np.take(tensor.values, places, axis=axis)
    is_all = len(places) == tensor.shape[axis]
    is_first = math.prod(tensor.shape[:axis]) == 1 and places.step == 1
    return Tensor(values, tensor.is_any, tensor.is_dense and (is_all or is_first))
