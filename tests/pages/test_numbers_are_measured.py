"""Every number in Q3's prose is in measures.json, or follows from it by arithmetic done anew here.

The numbers of each image are read back from the published file, and means, intervals, ratios and
differences are computed with SciPy, by none of the code that the pages use.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import optimize, stats

from generator.analysis.attention import AttentionMaps
from generator.analysis.detections import detect
from generator.measures.catalogue import TRUE
from generator.measures.digits import in_digits
from generator.measures.gallery import GalleryMeasures, measure_gallery
from generator.measures.image import measure_image, query_maps
from generator.measures.most_read import find_sinks
from generator.measures.same_sinks import SinkCells
from generator.measures.summary import ImageMeasures
from generator.measures.target_boxes import detected_boxes
from generator.outputs.measures_files import COLUMNS, measures_json
from tests.conftest import MakeForward
from tests.measures.test_intervals import hall
from tests.pages.test_claim_cards import OWN, contents_with, own_q3

pytestmark = pytest.mark.slow

Values = npt.NDArray[np.float64]
NUMBER = r"[−-]?\d+(?:\.\d+)?"
WITH_INTERVAL = re.compile(rf"({NUMBER}) \(95 % interval ({NUMBER}) to ({NUMBER}), (\d+) images\)")
CONTRAST = re.compile(
    rf"({NUMBER}), compared with ({NUMBER}) [^()]*"
    rf"\(the same (\d+) images; (ratio|difference) ({NUMBER}), "
    rf"95 % interval ({NUMBER}) to ({NUMBER})\)"
)
CLAIM = re.compile(
    rf"Measured ({NUMBER}), compared with ({NUMBER}): (ratio|difference) "
    rf"({NUMBER}) \(95 % interval ({NUMBER}) to ({NUMBER}), (\d+) images"
)


@pytest.fixture(scope="module")
def gallery(make_forward: MakeForward) -> GalleryMeasures:
    """Twelve random images, the last with nothing detected."""
    images = []
    for index in range(12):
        forward = make_forward((7, 8), detections=4 * (index < 11), seed=index, queries=60)
        found = detect(forward, 0.9)
        boxes = detected_boxes(found)
        ones = measure_image(AttentionMaps(forward), found, boxes)
        looks = query_maps(forward, {"": boxes, TRUE: boxes})
        last = forward.boxes_cxcywh[-1]
        sinks = SinkCells(forward.grid_hw, find_sinks(forward).cells)
        images.append(ImageMeasures(f"i{index}", "detr_emoji", ones, last, 2, looks, sinks))
    return measure_gallery(images)


@pytest.fixture(scope="module")
def prose(gallery: GalleryMeasures, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Q3's text, without pictures, formulas, code and links' addresses."""
    page, _ = own_q3(tmp_path_factory.mktemp("q3"), contents_with(gallery))
    page = re.sub(r"<math.*?</math>|<svg.*?</svg>|```.*?```|`[^`]*`", " ", page, flags=re.DOTALL)
    page = re.sub(r"!\[[^\]]*\]\([^)]*\)|(?<=\])\([^)]*\)|<[^>]*>|\{[^}]*\}", " ", page)
    return " ".join(page.replace("\N{NO-BREAK SPACE}", " ").split())


class Recomputed:
    """What follows from the published numbers of each image."""

    def __init__(self, published: dict[str, Any]) -> None:
        self.series: dict[tuple[Any, ...], dict[str, float]] = defaultdict(dict)
        for image in published["images"]:
            for row in image["values"]:
                one = dict(zip(COLUMNS, row, strict=True))
                key = (one["measure"], one["mechanism"], one["layer"], one["head"])
                self.series[key][image["slug"]] = one["value"]
                for name, value in one["controls"].items():
                    self.series[(*key, name)][image["slug"]] = value
        self._add_means_of_heads()
        values = [np.array(list(of.values())) for of in self.series.values()]
        self.means: dict[str, list[Values]] = defaultdict(list)
        for of_images in values:
            self.means[in_digits(float(np.mean(of_images)))].append(of_images)

    def has(self, written: tuple[str, ...]) -> bool:
        """Whether a mean, its interval and the number of images follow from the file."""
        return any(
            is_there(written, [interval(one)])
            for mean, ones in self.means.items()
            if near(written[0], mean)
            for one in ones
        )

    def _add_means_of_heads(self) -> None:
        heads = defaultdict(list)
        for key in self.series:
            if key[3] is not None:
                heads[(*key[:3], "all", *key[4:])].append(self.series[key])
        for key, ones in heads.items():
            shared = set.intersection(*(set(one) for one in ones))
            self.series[key] = {
                slug: float(np.mean([one[slug] for one in ones])) for slug in shared
            }

    def contrasts(self, first: str, second: str) -> Iterator[tuple[str, ...]]:
        """Every comparison of a number and a control with these two means, with its interval."""
        for key, of in self.series.items():
            if len(key) != 5 or key[:4] not in self.series:
                continue
            slugs = sorted(set(self.series[key[:4]]) & set(of))
            a = np.array([self.series[key[:4]][slug] for slug in slugs])
            b = np.array([of[slug] for slug in slugs])
            if len(slugs) < 8 or not near(first, in_digits(float(a.mean()))):
                continue
            if near(second, in_digits(float(b.mean()))):
                yield (first, second, str(len(slugs)), "difference", *interval(a - b)[:3])
                yield (first, second, str(len(slugs)), "ratio", *fieller(a, b))


def interval(values: Values) -> tuple[str, str, str, str]:
    """The mean, its interval, and the number of images, as they are written."""
    mean, n = float(np.mean(values)), len(values)
    ends = not_rejected(lambda shift: values - shift, mean, n) if n > 1 else (mean, mean)
    low, high = (in_digits(end, like=mean) for end in ends)
    return in_digits(mean), low, high, str(n)


def not_rejected(
    rest_at: Callable[[float], Values], start: float, n: int
) -> tuple[float, float] | tuple[()]:
    """The ends of the values that Hall's skewness-corrected t-test does not reject, by search."""
    limit = float(stats.t.ppf(0.975, n - 1))

    def beyond(shift: float) -> float:
        return abs(hall(rest_at(shift))) - limit

    if np.ptp(rest_at(start)) < 1e-9 * max(abs(start), 1e-3):
        return start, start
    ends = []
    for sign in (-1, 1):
        far = start + sign * max(abs(start), 0.01)
        for _ in range(60):
            if beyond(far) > 0:
                break
            far = start + (far - start) * 1.5
        else:
            return ()
        ends.append(optimize.brentq(beyond, *sorted((far, start)), xtol=1e-10))
    return ends[0], ends[1]


def fieller(a: Values, b: Values) -> tuple[str, ...]:
    """The ratio and its interval, as they are written; nothing if no ratio can be ruled out."""
    ratio = float(a.mean() / b.mean())
    ends = not_rejected(lambda r: a - r * b, ratio, len(a))
    return in_digits(ratio), *(in_digits(end, like=ratio) for end in ends)


@pytest.fixture(scope="module")
def recomputed(gallery: GalleryMeasures) -> Recomputed:
    return Recomputed(json.loads("".join(measures_json(gallery.images, gallery.summaries))))


def near(written: str, other: str) -> bool:
    """Whether they differ by no more than the rounding of the published numbers."""
    one, two = (float(number.replace("−", "-")) for number in (written, other))
    last = 10.0 ** -len(written.partition(".")[2])
    return abs(one - two) <= 1.01 * last


def is_there(written: tuple[str, ...], known: Iterable[tuple[str, ...]]) -> bool:
    """Whether a row is known, apart from rounding."""
    return any(
        len(row) == len(written)
        and all(
            one == two or bool(re.fullmatch(NUMBER, one) and near(one, two))
            for one, two in zip(written, row, strict=True)
        )
        for row in known
    )


def test_numbers_with_an_interval_are_those_of_the_published_file(
    prose: str, recomputed: Recomputed
) -> None:
    found = WITH_INTERVAL.findall(prose)
    assert len(found) > 10
    claims = {row for row in found if not recomputed.has(row)}
    sentences = CLAIM.findall(prose)
    of_claims = {(row[3], row[4], row[5], row[6]) for row in sentences}
    assert claims <= of_claims
    for first, second, compare, effect, *_ in sentences:
        assert any(near(first, one) for one in recomputed.means), first
        one, two, three = (float(x.replace("−", "-")) for x in (first, second, effect))
        expected = one / two if compare == "ratio" else one - two
        assert three == pytest.approx(expected, rel=0.02, abs=0.006)


def test_both_sides_of_a_contrast_and_their_interval_follow_from_the_file(
    prose: str, recomputed: Recomputed
) -> None:
    found = CONTRAST.findall(prose)
    assert len(found) > 6
    for row in found:
        assert is_there(row, recomputed.contrasts(*row[:2])), row


def test_no_other_number_with_decimals_is_made_up(prose: str, recomputed: Recomputed) -> None:
    """What is left stands in the sources of the page, or is a mean of the published file."""
    sources = "".join((OWN / name).read_text(encoding="utf-8") for name in ("q3.md", "claims.yml"))
    written = {number.replace("-", "−") for number in re.findall(NUMBER, sources)}
    rest = CONTRAST.sub(" ", WITH_INTERVAL.sub(" ", re.sub(r"Figure 3\.\d+\.", " ", prose)))
    rest = re.sub(rf"Measured ({NUMBER}), compared with ({NUMBER})|\(p [^)]*\)", " ", rest)
    rest = re.sub(
        rf"at (most|least)|(ratio|difference) {NUMBER}(?=; mark:|, which had to)", " ", rest
    )
    unknown = [
        number
        for number in re.findall(r"(?<![\w./])[−-]?\d+\.\d+(?![\w/])", rest)
        if number.replace("-", "−") not in written | recomputed.means.keys()
    ]
    even = 1066 / 34  # an even division of the image, and how far its ends are off
    ends = even / 2 - 0.5, 33 * 32 + 0.5 - 33.5 * even
    shapes = {f"{even:.4g}", *(f"{one:.3g}" for one in ends)}
    assert [one for one in unknown if one not in shapes] == []


def test_a_number_that_was_changed_would_be_noticed(prose: str, recomputed: Recomputed) -> None:
    row = CONTRAST.findall(prose)[0]
    assert is_there(row, recomputed.contrasts(*row[:2]))
    for place in (4, 5, 6):
        changed = list(row)
        changed[place] = f"{float(row[place].replace('−', '-')) * 1.5 + 0.5:.3f}"
        assert not is_there(tuple(changed), recomputed.contrasts(*row[:2]))
