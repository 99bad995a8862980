"""What goes on for ever is ended in the middle, and other work of the program is not counted."""

from __future__ import annotations

import re
import signal
import sys
import threading
import time

import pytest

from generator.files.time_limit import MOST_MEMORY, TimeIsUp, at_most, not_counted

needs_timer = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer here")


@pytest.fixture(params=["timer", "watcher"])
def clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "watcher":
        monkeypatch.delattr(signal, "setitimer", raising=False)


def work(seconds: float) -> bool:
    """Keeps the processor busy; returns whether it came to its end."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return True


@pytest.mark.slow
def test_a_loop_is_ended(clock: None) -> None:
    with pytest.raises(TimeIsUp), at_most(0.05):
        work(30)


@pytest.mark.slow
def test_whoever_swallows_it_gets_it_again(clock: None) -> None:
    def swallow() -> None:
        try:
            work(30)
        except TimeIsUp:
            work(30)

    with pytest.raises(TimeIsUp), at_most(0.05):
        swallow()


@pytest.mark.slow
def test_what_is_done_in_time_is_left_alone(clock: None) -> None:
    with at_most(0.05):
        assert work(0.01)
    assert work(0.2)  # no limit is left


@pytest.mark.slow
def test_own_work_is_not_counted(clock: None) -> None:
    with at_most(0.1), not_counted():
        assert work(0.2)


@pytest.mark.slow
def test_other_work_is_counted_after_that(clock: None) -> None:
    def both() -> None:
        with not_counted():
            work(0.2)
        work(30)

    with pytest.raises(TimeIsUp), at_most(0.1):
        both()


def test_the_outer_limit_counts(clock: None) -> None:
    with pytest.raises(TimeIsUp), at_most(0.05), at_most(1000):
        work(30)


@pytest.mark.slow
def test_a_process_that_is_traced_goes_on(clock: None) -> None:
    """Python 3.11 went round in circles, as soon as a function was called after that."""
    trace = sys.gettrace()
    sys.settrace(lambda *_: None)
    try:
        for _ in range(3):
            with pytest.raises(TimeIsUp), at_most(0.01):
                work(30)
    finally:
        sys.settrace(trace)
    with at_most(1):
        assert work(0.01)


@pytest.mark.slow
@needs_timer
def test_a_pattern_that_never_ends_is_ended() -> None:
    with pytest.raises(TimeIsUp), at_most(0.1):
        re.search(r"(a+)+$", "a" * 60 + "!")


@pytest.mark.slow
def test_other_threads_have_limits_too() -> None:
    said: list[str] = []

    def run() -> None:
        try:
            with at_most(0.05):
                work(30)
        except TimeIsUp:
            said.append("ended")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    assert said == ["ended"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tell")
def test_memory_has_a_limit_that_ends_with_it() -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    with pytest.raises(MemoryError), at_most(30):
        bytearray(2 * MOST_MEMORY)
    assert resource.getrlimit(resource.RLIMIT_AS) == before
