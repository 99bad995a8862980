import threading
import time

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import nn

from generator.detr.weights import build_model, prepare
from generator.detr.zoo import model_card
from generator.errors import ImageError
from generator.inference.batches import ReadAhead, ReadImage, run_batch, runs_in_batches
from generator.inference.detector import Detector

KINDS = ("encoder_self", "decoder_self", "decoder_cross")


def image(number: int, size_hw: tuple[int, int] = (64, 80)) -> ReadImage:
    random = np.random.default_rng(number)
    return ReadImage(random.integers(0, 256, (*size_hw, 3), dtype=np.uint8))


def too_large(model: nn.Module) -> None:
    """Makes it a network whose GPU has memory for one image alone."""

    def refuse(_: nn.Module, inputs: tuple[torch.Tensor]) -> None:
        if len(inputs[0]) > 1:
            raise torch.OutOfMemoryError

    model.register_forward_pre_hook(refuse)


@pytest.mark.slow
def test_a_batch_gives_what_single_runs_give() -> None:
    card = model_card("detr_emoji")
    detector = Detector(card, prepare(build_model(card)), "ab" * 32)
    images = [image(number) for number in range(3)]
    # One of them comes with its input, as the reading threads make it.
    images[1] = ReadImage(images[1].pixels, detector.prepared(images[1].pixels))
    together = run_batch(detector, images)
    for one, forward in zip(images, together, strict=True):
        alone = detector.run(one.pixels)
        np.testing.assert_allclose(forward.logits, alone.logits, atol=1e-5)
        np.testing.assert_allclose(forward.boxes_cxcywh, alone.boxes_cxcywh, atol=1e-5)
        for kind in KINDS:
            np.testing.assert_allclose(getattr(forward, kind).q, getattr(alone, kind).q, atol=1e-5)
            np.testing.assert_allclose(getattr(forward, kind).k, getattr(alone, kind).k, atol=1e-5)
        assert (forward.profile, forward.size_hw) == (alone.profile, alone.size_hw)
    assert np.abs(together[1].logits - together[2].logits).max() > 1e-4
    with pytest.raises(ValueError, match="one shape"):
        run_batch(detector, [image(0), image(1, (80, 64))])
    broken = ReadImage(images[1].pixels, detector.prepared(images[1].pixels) * torch.inf)
    done = run_batch(detector, [images[0], images[2], broken, images[2]])
    assert len(done) == 2  # the broken one is the third image's own error, not the first's
    too_large(detector.model)
    assert len(run_batch(detector, images)) == 1
    assert not runs_in_batches(detector)  # the tests' device is a CPU


def numbered(number: int) -> ReadImage:
    if number == 3:
        raise ImageError("the third is broken")
    size = 8 if number % 2 else 16
    return ReadImage(np.full((size, size, 3), number, np.uint8))


def values(pixels: list[npt.NDArray[np.uint8]]) -> list[int]:
    return [int(one[0, 0, 0]) for one in pixels]


def test_images_come_in_their_order_and_errors_with_their_own_image() -> None:
    with ReadAhead(range(5), numbered) as ahead:
        assert values([ahead.take(0).pixels, ahead.take(1).pixels, ahead.take(2).pixels]) == [
            0,
            1,
            2,
        ]
        with pytest.raises(ImageError, match="third"):
            ahead.take(3)
        assert values([ahead.take(4).pixels]) == [4]
        assert values([ahead.take(7).pixels]) == [7]  # nobody said that it would come


def test_others_of_the_same_size_are_taken_once() -> None:
    with ReadAhead(range(8), numbered) as ahead:
        first = ahead.take(0, ahead=7)
        others = ahead.like(first, 2, lambda number: number != 2)
        assert [number for number, _ in others] == [4, 6]
        odd = ahead.take(1)
        # The broken one is passed over, and says so when it is asked for.
        assert [number for number, _ in ahead.like(odd, 9, lambda _: True)] == [5, 7]
        with pytest.raises(ImageError):
            ahead.take(3)


def test_images_that_are_not_asked_for_are_let_go() -> None:
    with ReadAhead((0, 1, 2, 4), numbered) as ahead:
        assert values([ahead.take(0).pixels, ahead.take(4).pixels]) == [0, 4]
        assert not ahead.like(numbered(0), 9, lambda _: True)


def test_no_more_is_read_ahead_than_was_asked_for() -> None:
    read, gate = [], threading.Event()

    def reading(number: int) -> ReadImage:
        read.append(number)
        return numbered(number)

    with ReadAhead((0, 1, 2, 4, 5, 6, 7), reading) as ahead:
        ahead.take(0, ahead=2)
        until = time.monotonic() + 5
        while len(read) < 3 and time.monotonic() < until:
            gate.wait(0.01)
    assert sorted(read) == [0, 1, 2]
