"""Work spread by an engine that runs already: Dask or Ray.

In: an address. Out: a `Spread`. Tasks and results are small: an entry's words and a slug, or what
pages tell of it; pictures, weights and numbers are files. An engine begins work again whose worker
died.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any

from generator.build.spread import (
    Item,
    Processes,
    Result,
    Results,
    Spread,
    as_they_end,
    counted,
    refuse_for_ever,
)
from generator.errors import UsageError

MOST_WAITING = 1000
"""Tasks that an engine is given at a time."""


def spread_of(name: str, jobs: int) -> Spread:
    """What `--executor` names.

    Raises:
        UsageError: there is no such thing, or its package is not installed.
    """
    kind, _, address = name.partition(":")
    if name == "processes":
        return Processes(jobs)
    if kind == "dask" and address:
        return Dask(address)
    if kind == "ray" and address:
        return Ray(address)
    raise UsageError(f"--executor {name}: expected processes, dask:ADDRESS or ray:ADDRESS")


class Dask:
    """Workers of Dask, by its own `concurrent.futures` interface.

    Args:
        address: of the scheduler, such as "tcp://10.0.0.1:8786".
    """

    is_elsewhere = True

    def __init__(self, address: str) -> None:
        try:
            import distributed
        except ImportError:
            raise _missing("dask", "dask and distributed") from None
        self._distributed, self._address = distributed, address

    def each(
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Results[Item, Result]:
        """As `Spread` has it."""
        number, waiting = counted(items, 1)
        if not number:
            return
        killed = self._distributed.KilledWorker
        try:
            client = self._distributed.Client(self._address, timeout=30, set_as_default=False)
        except OSError as error:
            raise UsageError(f"--executor dask:{self._address}: {error}") from error
        with client, client.get_executor(pure=False) as executor:
            tasks = as_they_end(lambda item: executor.submit(function, item), waiting, MOST_WAITING)
            try:
                for item, task in tasks:
                    is_lost = isinstance(task.exception(), killed)
                    yield item, refuse_for_ever if is_lost else task.result
            except BaseException:
                executor.shutdown(wait=False)  # gives up what is left; by itself it would wait
                raise


class Ray:
    """Workers of Ray, by tasks, which it begins again itself.

    Args:
        address: "auto", "local", or that of a cluster, such as "ray://10.0.0.1:10001".
    """

    is_elsewhere = True

    def __init__(self, address: str) -> None:
        try:
            import ray
        except ImportError:
            raise _missing("ray", "ray") from None
        self._ray, self._address = ray, address

    def each(
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Results[Item, Result]:
        """As `Spread` has it."""
        number, coming = counted(items, 1)
        if not number:
            return
        ray = self._ray
        if not ray.is_initialized():
            try:
                ray.init(self._address, log_to_driver=False, include_dashboard=None)
            except (OSError, ValueError, RuntimeError) as error:
                raise UsageError(f"--executor ray:{self._address}: {error}") from error
        remote = ray.remote(num_cpus=1, max_retries=3)(_called)
        shared = ray.put(function)
        waiting: dict[Future[Any], Any] = {}

        def submit(item: Item) -> Future[Any]:
            reference = remote.remote(shared, item)
            task: Future[Any] = reference.future()
            waiting[task] = reference
            return task

        try:
            for item, task in as_they_end(submit, coming, MOST_WAITING):
                del waiting[task]
                yield item, self._result_of(task)
        finally:
            for reference in waiting.values():  # a future that is cancelled stops no task
                ray.cancel(reference)

    def _result_of(self, task: Future[Any]) -> Callable[[], Any]:
        error, known = task.exception(), self._ray.exceptions
        if isinstance(error, known.WorkerCrashedError | known.OutOfMemoryError):
            return refuse_for_ever
        if isinstance(error, known.RayTaskError):

            def refuse() -> Any:
                raise error.cause

            return refuse
        return task.result


def _called(function: Callable[[Any], Any], item: Any) -> Any:
    return function(item)


def _missing(extra: str, packages: str) -> UsageError:
    return UsageError(
        f"--executor {extra}: needs {packages}: pip install 'detr-attention-handout[{extra}]'"
    )
