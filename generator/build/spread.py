"""How work on single images is spread: over processes of this machine, or by an engine.

In: a function and items; both, and what the function returns, can be pickled and are small. Out:
each item with its result, in the order in which they are done. Items may still be in the making:
work on the first begins before the last is there. Work that is lost with its process is done
again: results go to files whose names say what they are made from, so twice is no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import chain, islice
from math import inf
from multiprocessing import get_context
from queue import SimpleQueue
from typing import NoReturn, Protocol, TypeVar

from generator.files.children import die_with_parent, kill_children, starting_children
from generator.files.memory import keep_freed_memory

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
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Results[Item, Result]:
        """Calls the function with each item, once it comes; closing it gives up what is left."""
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
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Results[Item, Result]:
        """As `Spread` has it."""
        jobs = min(self._jobs, MOST_PROCESSES)
        number, waiting = counted(items, 2 if jobs > 1 else 0)
        if number < 2:
            yield from ((item, partial(function, item)) for item in waiting)
            return
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
        function: Callable[[Item], Result], items: Iterable[Item], jobs: int, lost: list[Item]
    ) -> Results[Item, Result]:
        """One pool's work; adds what was not done because a process died to `lost`."""
        # Started afresh, not forked: torch's threads do not survive a fork.
        executor = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_begin)

        def submit(item: Item) -> Future[Result]:
            try:
                with starting_children():
                    return executor.submit(function, item)
            except BrokenProcessPool as error:
                task: Future[Result] = Future()
                task.set_exception(error)
                return task

        with executor:
            try:
                for item, task in as_they_end(submit, items):
                    if isinstance(task.exception(), BrokenProcessPool):
                        lost.append(item)
                    else:
                        yield item, task.result
            except BaseException:
                executor.shutdown(wait=False, cancel_futures=True)
                kill_children()
                raise


def _begin() -> None:
    """What a process does before its first item."""
    die_with_parent()
    keep_freed_memory()


def counted(items: Iterable[Item], most: int) -> tuple[int, Iterable[Item]]:
    """How many items there are, if not more than `most`, and all of them."""
    coming = iter(items)
    first = list(islice(coming, most))
    return len(first), chain(first, coming)


def as_they_end(
    submit: Callable[[Item], Future[Result]], items: Iterable[Item], most: float = inf
) -> Generator[tuple[Item, Future[Result]]]:
    """Begins each item's task once it comes, and gives it once it has ended.

    Args:
        most: tasks that are begun and have not ended, at any time.
    """
    waiting: dict[Future[Result], Item] = {}
    ended: SimpleQueue[Future[Result]] = SimpleQueue()
    for item in items:
        task = submit(item)
        waiting[task] = item
        task.add_done_callback(ended.put)
        while len(waiting) >= most or not ended.empty():
            task = ended.get()
            yield waiting.pop(task), task
    while waiting:
        task = ended.get()
        yield waiting.pop(task), task


def refuse_for_ever() -> NoReturn:
    """The result of work whose process was ended each time.

    Raises:
        ChildProcessError: always.
    """
    raise ChildProcessError(
        f"the process that worked on it was ended {TRIES} times, perhaps for want of memory"
    )
