"""Measurements that are kept as columns."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from generator.measures.measurement import Measurement
from generator.measures.measurement_table import MeasurementTable

ONES = (
    Measurement("lift", "decoder_cross", 1, None, 0.1 + 0.2, 3, (("shuffled", 1e-300), ("u", 1.0))),
    Measurement("entropy", "encoder_self", 0, 2, -0.0, 2**30),
    Measurement("entropy", "encoder_self", 0, None, float(np.float32(0.1)), 0, (("uniform", 1.0),)),
)


def test_it_reads_as_the_records_that_it_was_made_of() -> None:
    table = MeasurementTable(iter(ONES))
    assert (tuple(table), len(table), table[-1], table[1:]) == (ONES, 3, ONES[2], [*ONES[1:]])
    assert table == ONES
    assert table == MeasurementTable(ONES)
    assert table != MeasurementTable(ONES[:2])
    assert MeasurementTable(()) == ()
    assert {type(one.value) for one in table} == {float}, "of NumPy's, JSON would write others"
    with pytest.raises(IndexError):
        table[3]


@pytest.mark.slow
def test_another_process_reads_the_same() -> None:
    sent = pickle.dumps(MeasurementTable(ONES))
    code = f"import pickle; print(tuple(pickle.loads({sent!r})))"
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert said == f"{ONES}\n"


def test_images_share_their_names() -> None:
    first, second = (MeasurementTable([replace(one)]) for one in (ONES[0], ONES[0]))
    assert first._names[0] is second._names[0]


def test_a_number_takes_a_few_bytes() -> None:
    """A record takes about 300: of a thousand images there would be half a gigabyte."""
    controls = (("shuffled", 1.5), ("uniform", 2.5))
    many = [
        Measurement("lift", "decoder_cross", 1, head, head / 3, 3, controls) for head in range(400)
    ]
    table = MeasurementTable(many)
    columns = [getattr(table, name) for name in MeasurementTable.__slots__]
    assert sum(map(sys.getsizeof, columns)) < 60 * len(many)
    assert not hasattr(table, "__dict__")
