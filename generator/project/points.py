"""Points of a picture as they are typed on the command line, `x,y`, as fractions or in pixels.

In: a word. Out: fractions of the picture's width and height, or an error that says what to type.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from generator.errors import UsageError


@dataclass(frozen=True)
class TypedPoint:
    """A point before it is known how large the picture is.

    Attributes:
        option: such as "--points", for messages.
        word: as it was typed.
        xy: x to the right and y downwards, from the top left.
        in_pixels: whether these are numbers of pixels, counted from 0; else they are fractions.
    """

    option: str
    word: str
    xy: tuple[float, float]
    in_pixels: bool

    @classmethod
    def read(cls, word: str, option: str) -> TypedPoint:
        """Reads a word: whole numbers are pixels, others fractions; 0 and 1 alone are fractions.

        Raises:
            UsageError: it is no point.
        """
        parts = [part.strip() for part in word.split(",")]
        try:
            x, y = map(float, parts)
            if not (math.isfinite(x) and math.isfinite(y)):
                raise ValueError
        except ValueError:
            raise UsageError(
                f"{option}: expected x,y as fractions of width and height, such as 0.25,0.5, or as "
                f"pixels, such as 160,240; found {word}"
            ) from None
        whole = [part.lstrip("+-").isdigit() for part in parts]
        large = [is_whole and abs(value) > 1 for is_whole, value in zip(whole, (x, y), strict=True)]
        if any(large) and not all(whole):
            raise UsageError(
                f"{option}: {word} mixes a fraction and a pixel; give both as fractions of width "
                "and height, such as 0.25,0.5, or both as whole pixels, such as 160,240"
            )
        return cls(option, word, (x, y), any(large))

    def fractions(self, size_hw: tuple[int, int]) -> tuple[float, float]:
        """The point as fractions of width and height, from 0 to 1; of a pixel it is the middle.

        Args:
            size_hw: height and width of the picture in pixels.

        Raises:
            UsageError: it lies outside.
        """
        (x, y), (height, width) = self.xy, size_hw
        most_x, most_y = (width - 1, height - 1) if self.in_pixels else (1, 1)
        inside = min(max(x, 0), most_x), min(max(y, 0), most_y)
        if (x, y) == inside:
            return ((x + 0.5) / width, (y + 0.5) / height) if self.in_pixels else (x, y)
        ends = (
            f"is {width} x {height} pixels, counted from 0"
            if self.in_pixels
            else "goes from 0 to 1"
        )
        swapped = 0 <= y <= most_x and 0 <= x <= most_y
        offer = f", or {y:g},{x:g} if y was typed first" if swapped and self.in_pixels else ""
        raise UsageError(
            f"{self.option}: {self.word} lies outside the image, which {ends}; "
            f"{inside[0]:g},{inside[1]:g} is the nearest{offer}"
        )
