"""Works -> records, in this process or in several, in the order in which they are done.

In: students' works, each with its key. Out: `Graded`, as soon as each is there. A process that is
lost, or takes too long, costs the work that it had; another takes its place. All of them end with
this one, and at once if nobody wants more results.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Sequence
from contextlib import closing, suppress

from generator.exercises.gradebook.work import Desk, Graded, Settings, Work, begin, end, graded
from generator.files.children import kill_children, starting_children
from generator.files.helper import Helper

MOST_PROCESSES = 61
_STEPS = 40
"""More steps than these no submission takes; each has the limit of time."""
_STARTING = 300.0  # seconds
_ENDING, _POLL = 15.0, 1.0

_Task = tuple[int, Work, str]
_Result = tuple[int, Graded | BaseException]


def grade_each(
    works: Sequence[tuple[Work, str]], settings: Settings, jobs: int
) -> Generator[tuple[int, Graded]]:
    """Grades works.

    Args:
        works: each with its key.
        settings: how they are graded.
        jobs: the most processes to use; with one, this one.

    Yields:
        The number of a work, from 0, and what came of it.

    Raises:
        ExerciseError, GradingError: nobody's work can be graded.
    """
    jobs = min(jobs, len(works), MOST_PROCESSES)
    if jobs > 1:
        yield from _in_processes(works, settings, jobs)
        return
    with closing(Desk(settings)) as desk:
        for number, (work, key) in enumerate(works):
            yield number, desk.graded(work, key)


def _in_processes(
    works: Sequence[tuple[Work, str]], settings: Settings, jobs: int
) -> Generator[tuple[int, Graded]]:
    tasks: queue.SimpleQueue[_Task] = queue.SimpleQueue()
    for number, (work, key) in enumerate(works):
        tasks.put((number, work, key))
    results: queue.SimpleQueue[_Result] = queue.SimpleQueue()
    failed = Desk(settings).failed
    threads = [
        threading.Thread(target=_work, args=(Helper(), tasks, results, settings), daemon=True)
        for _ in range(jobs)
    ]
    try:
        with starting_children():  # a thread that is begun here hears no Ctrl-C, nor does its child
            for thread in threads:
                thread.start()
        for _ in works:
            number, result = _next(results)
            if isinstance(result, _LostError):
                result = Graded(failed(works[number][0], str(result)), ())
            if isinstance(result, BaseException):
                raise result
            yield number, result
        for thread in threads:
            thread.join(_ENDING)
    except BaseException:
        with suppress(queue.Empty):
            while True:
                tasks.get_nowait()
        kill_children()
        raise


class _LostError(Exception):
    """Why a work has no result, though others may have one."""


def _next(results: queue.SimpleQueue[_Result]) -> _Result:
    while True:
        try:
            return results.get(timeout=_POLL)  # for ever, Windows would hear no Ctrl-C
        except queue.Empty:
            continue


def _work(
    helper: Helper,
    tasks: queue.SimpleQueue[_Task],
    results: queue.SimpleQueue[_Result],
    settings: Settings,
) -> None:
    """Lets a process grade until nothing is left."""
    seconds = _STARTING + _STEPS * settings.limits.seconds
    is_ready = False
    while True:
        try:
            number, work, key = tasks.get_nowait()
        except queue.Empty:
            if is_ready:
                with suppress(Exception):  # it is ended all the same
                    helper.call(end, seconds=_ENDING)
            helper.end()
            return
        try:
            if not is_ready:
                helper.call(begin, settings, seconds=_STARTING)
            is_ready = True
            results.put((number, helper.call(graded, work, key, seconds=seconds)))
        except (TimeoutError, ChildProcessError) as error:
            is_ready = False
            lost = "it took too long" if isinstance(error, TimeoutError) else "its process ended"
            results.put((number, _LostError(lost)))
        except BaseException as error:
            results.put((number, error))
