"""What was observed of a class, in the process that judges it. It needs no torch.

In: a worker's file, which a submission may have forged. Out: an `Observation` with valid types
and shapes, or nothing.
"""

from __future__ import annotations

import json
import math
import os
import stat
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

_MOST_BYTES = 5_000_000
_TOLERANCE = 1e-3
"""Two ways to compute the same result differ by 1e-5, usual mistakes by 1e-1."""

Text = Annotated[str, StringConstraints(max_length=300)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Array(_Record):
    """A tensor.

    Attributes:
        shape: its sizes.
        numbers: its values, row by row; None if there were too many.
    """

    shape: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(max_length=8)]
    numbers: tuple[float, ...] | None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.numbers is not None and len(self.numbers) != math.prod(self.shape):
            raise ValueError("shape and numbers disagree")
        return self

    @property
    def values(self) -> npt.NDArray[np.float64]:
        """The numbers in their shape; NaN if they were not kept."""
        if self.numbers is None:
            return np.array(np.nan)
        return np.array(self.numbers, dtype=np.float64).reshape(self.shape)

    def equals(self, other: Array) -> bool:
        """Whether shapes and numbers agree."""
        return self.shape == other.shape and close(self.values, other.values)


class SeenError(_Record):
    """What a submission raised.

    Attributes:
        stage: when it did: while the file was run, the class built, an image given, or in a
            step of training.
        kind: the exception's class.
        text: its first line.
        line: of the submission, counted from 1.
    """

    stage: Literal["import", "build", "forward", "train"]
    kind: Text
    text: Text
    line: int | None


class Run(_Record):
    """One image's run through the class.

    Attributes:
        size: height and width of the image, in pixels.
        source: the input of the transformer's encoder.
        target: the input of its decoder.
        output: the type of the return value.
        keys: of the dictionary that was returned.
        logits: `pred_logits`.
        boxes: `pred_boxes`.
        positions: what the method of that name returned.
        positions_learn: whether a gradient can flow through that.
        projected: the output of the convolution.
        projected_alone: what its weights make of its input, at each cell by itself.
        answers: the output of the transformer.
        answers_alone: what PyTorch's own, with its weights, makes of its inputs.
        class_input: the input of the class head.
        box_input: the input of the box head.
        box_output: its output.
    """

    size: tuple[int, int]
    source: Array | None = None
    target: Array | None = None
    output: Text | None = None
    keys: tuple[Text, ...] = ()
    logits: Array | None = None
    boxes: Array | None = None
    positions: Array | None = None
    positions_learn: bool = False
    projected: Array | None = None
    projected_alone: Array | None = None
    answers: Array | None = None
    answers_alone: Array | None = None
    class_input: Array | None = None
    box_input: Array | None = None
    box_output: Array | None = None


class Gradient(_Record):
    """What one step of training did to a parameter.

    Attributes:
        wanted: whether the parameter asks for a gradient.
        length: of its gradient; None if it got none.
    """

    wanted: bool
    length: float | None


class Observation(_Record):
    """What was observed of a class.

    Attributes:
        errors: in the order in which they were raised.
        classes: names of the network classes in the file.
        state: name and shape of each entry of the state dict, under the reference's names;
            None if the class was not built.
        renamed: parts of the reference that have another name in the class.
        renamed_arguments: the class's own names of its arguments, if they are others.
        left_out: arguments that the class does not have.
        heads: number of heads of the transformer.
        batch_first: whether it wants the batch in front.
        dropout: the rates of all dropout layers.
        codes: the parameters of the class itself, with the shared weights in them.
        runs: one per image; after an error the last is incomplete and others are missing.
        training: the outputs of one step of training, with all dropout layers set to zero.
        gradients: of the step, by the parameter's name.
        stand_ins: modules that are not installed.
        forbidden: files and modules of the generator that it tried to reach.
        ended: why it was ended before it was done, or "".
    """

    errors: tuple[SeenError, ...]
    classes: tuple[Text, ...]
    state: tuple[tuple[Text, tuple[int, ...]], ...] | None
    renamed: dict[Text, Text] = {}
    renamed_arguments: tuple[Text, ...] = ()
    left_out: tuple[Text, ...] = ()
    heads: int | None = None
    batch_first: bool = False
    dropout: tuple[float, ...] = ()
    codes: dict[Text, Array | None] = {}
    runs: tuple[Run, ...]
    training: Run | None = None
    gradients: dict[Text, Gradient] = {}
    stand_ins: tuple[Text, ...] = ()
    forbidden: tuple[Text, ...] = ()
    ended: Text = ""

    @property
    def is_complete(self) -> bool:
        """Whether the class was built and ran to its end."""
        return (
            self.state is not None
            and bool(self.runs)
            and self.error_in("build", "forward", "train") is None
        )

    def answers_as(self, other: Observation) -> bool:
        """Whether all outputs outside of training are there, and equal those of another class."""
        return len(self.runs) == len(other.runs) and all(
            own.logits is not None
            and own.boxes is not None
            and theirs.logits is not None
            and theirs.boxes is not None
            and own.logits.equals(theirs.logits)
            and own.boxes.equals(theirs.boxes)
            for own, theirs in zip(self.runs, other.runs, strict=True)
        )

    def error_in(self, *stages: str) -> SeenError | None:
        """The first error of these stages."""
        return next((error for error in self.errors if error.stage in stages), None)


def observation_from(path: Path) -> Observation | None:
    """Reads a worker's file; None if a worker cannot have made it."""
    try:
        content = plain_file(path, _MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            return None
        return Observation.model_validate(json.loads(content))
    except (OSError, ValueError, RecursionError, ValidationError):
        return None


def plain_file(path: Path, most: int) -> bytes:
    """The content of a file that may be something else: a pipe has no end, a link leads away.

    Args:
        path: the file.
        most: how many bytes are read.

    Raises:
        OSError: it is not a plain file, or cannot be read.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("not a plain file")
        return file.read(most)


def close(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> bool:
    """Whether two arrays of one shape hold the same numbers; NaN equals nothing."""
    return one.shape == other.shape and bool(
        np.allclose(one, other, rtol=_TOLERANCE, atol=_TOLERANCE)
    )
