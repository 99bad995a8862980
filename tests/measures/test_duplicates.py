import dataclasses

import numpy as np

from generator.measures.duplicates import duplicates_by_layer
from tests.conftest import MakeForward


def test_duplicates_are_counted_layer_by_layer(make_forward: MakeForward) -> None:
    forward = make_forward(detections=4, layers=3, names=("cat",))
    logits, boxes = forward.logits.copy(), forward.boxes_cxcywh.copy()
    logits[1] = logits[2]  # the same four detections after layer 1, none after layer 0
    found = np.flatnonzero(logits[2, :, 0] > np.log(0.9))
    boxes[1, found] = boxes[1, found[0]]  # one box four times
    boxes[2, found] = [[x, 0.5, 0.1, 0.1] for x in (0.1, 0.3, 0.5, 0.7)]
    changed = dataclasses.replace(forward, logits=logits, boxes_cxcywh=boxes)
    assert duplicates_by_layer(changed, 0.9).tolist() == [[0, 0], [4, 3], [4, 0]]
