"""How work on single images is spread: over processes of this machine, or by an engine.

In: a function and items; both, and what the function returns, can be pickled and are small. Out:
each item with its result, in the order in which they are done. Work that is lost with its process
is done again: results go to files whose names say what they are made from, so twice is no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from typing import NoReturn, Protocol, TypeVar

from generator.files.children import die_with_parent, kill_children, starting_children

MOST_PROCESSES = 61
"""More processes in a pool than these Windows does not allow."""
TRIES = 3
"""How often work is begun whose process dies: the last time it has a process of its own."""

Item = TypeVar("Item")
Result = TypeVar("Result")
Results = Generator[tuple[Item, Callable[[], Result]]]
"""Each item, and a call that gives its result or raises its error."""


class Spread(Protocol):
    """What can work on many items at a time.

    Attributes:
        is_elsewhere: whether it works on other machines too, so that models should run there.
    """

    is_elsewhere: bool

    def each(
        self, function: Callable[[Item], Result], items: Sequence[Item]
    ) -> Results[Item, Result]:
        """Calls the function with each item; closing the generator gives up what is not done."""
        ...


class Processes:
    """This process, or several of this machine.

    They end with this one, whatever ends it, and at once if nobody wants more results.

    Args:
        jobs: the most processes to use.
    """

    is_elsewhere = False

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs

    def each(
        self, function: Callable[[Item], Result], items: Sequence[Item]
    ) -> Results[Item, Result]:
        """As `Spread` has it."""
        jobs = min(self._jobs, len(items), MOST_PROCESSES)
        if jobs <= 1:
            yield from ((item, partial(function, item)) for item in items)
            return
        waiting: Sequence[Item] = items
        for _ in range(TRIES - 1):
            lost: list[Item] = []
            yield from self._in_pool(function, waiting, jobs, lost)
            waiting = lost
            if not waiting:
                return
        for item in waiting:  # whichever of them ends its process takes no other with it now
            lost = []
            yield from self._in_pool(function, [item], 1, lost)
            if lost:
                yield item, refuse_for_ever

    @staticmethod
    def _in_pool(
        function: Callable[[Item], Result], items: Sequence[Item], jobs: int, lost: list[Item]
    ) -> Results[Item, Result]:
        """One pool's work; adds what was not done because a process died to `lost`."""
        # Started afresh, not forked: torch's threads do not survive a fork.
        executor = ProcessPoolExecutor(
            jobs, mp_context=get_context("spawn"), initializer=die_with_parent
        )
        with executor:
            try:
                tasks: dict[Future[Result], Item] = {}
                with starting_children():
                    for item in items:
                        try:
                            tasks[executor.submit(function, item)] = item
                        except BrokenProcessPool:
                            lost.append(item)
                for task in as_completed(tasks):
                    if isinstance(task.exception(), BrokenProcessPool):
                        lost.append(tasks[task])
                    else:
                        yield tasks[task], task.result
            except BaseException:
                executor.shutdown(wait=False, cancel_futures=True)
                kill_children()
                raise


def refuse_for_ever() -> NoReturn:
    """The result of work whose process was ended each time.

    Raises:
        ChildProcessError: always.
    """
    raise ChildProcessError(
        f"the process that worked on it was ended {TRIES} times, perhaps for want of memory"
    )
