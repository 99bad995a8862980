"""The process in which submissions run; `workers` starts it.

In, as lines of JSON: a greeting, then an order for each step. Out, in the same way: whether it can
work and what a submission could do in it, then for each step `started` and `ended`. Where the
system can fork, torch is imported once, and each step is a fork that confines itself before it
reads the submission: this process never runs one. Elsewhere it runs one step itself, unconfined.

A step writes `step.json` into its folder `out`, and before it `seen.json` with what was observed so
far, each renamed into place.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from generator.exercises.confinement.confine import SENTENCES, Confined, Place, confine
from generator.exercises.grading.guards import close_the_network, hide_the_generator, limit
from generator.exercises.grading.request import Request, case_from

FORKS = sys.platform == "linux"
_STAYS = ("SYSTEMROOT", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES")
_CONSTANT = {
    "USER": "student",
    "LOGNAME": "student",
    "LANG": "C.UTF-8",
    "PATH": os.defpath,
    "MPLBACKEND": "Agg",
}
_PLACES = ("HOME", "TMPDIR", "TEMP", "TMP", "TORCH_HOME", "MPLCONFIGDIR", "PWD")


class Worker:
    """Takes orders and carries them out."""

    def __init__(self, greeting: dict[str, Any]) -> None:
        """Imports torch; what is not to be read is named in the greeting."""
        from generator.exercises.grading.drawing import draw_once
        from generator.exercises.grading.offline import download_nothing
        from generator.exercises.grading.probe import Probe

        download_nothing()
        self._hidden = tuple(map(Path, greeting["hidden"]))
        self._visible = _visible(self._hidden)
        self._probe = Probe()
        if FORKS:
            self._probe.warm_up()
            draw_once()
        close_the_network()
        self._forbidden = hide_the_generator()

    def lacks(self, folder: Path) -> list[str]:
        """What a submission could do, tried in a child."""
        if not FORKS:
            return list(SENTENCES)
        child = os.fork()
        if not child:
            try:
                confined = confine(Place(folder, self._visible, self._hidden))
                _publish(confined.out / "lacks.json", json.dumps(confined.lacks))
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        found: list[str] = json.loads((folder / "out" / "lacks.json").read_bytes())
        return found

    def carry_out(self, order: dict[str, Any]) -> None:
        """Runs a step, in a fork where that can be."""
        case = case_from(order["case"])
        self._probe.prepare(case)
        if not FORKS:
            _say(started=os.getpid())
            self._step(Path(order["folder"]))
        child = os.fork()
        if not child:
            self._step(Path(order["folder"]))
        _say(started=child)
        _say(ended=os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

    def _step(self, folder: Path) -> None:
        """Runs a submission, and ends this process, whatever the submission left running."""
        code = 1
        try:
            request = Request.from_json(json.loads((folder / "request.json").read_bytes()))
            _forget_the_grader()
            limit(request)
            place = confine(Place(folder, self._visible, self._hidden))
            _start_anew(place, request)
            self._observe(place.out, request)
            code = 0
        finally:
            os._exit(code)  # `sys.exit` would wait for threads of a submission

    def _observe(self, out: Path, request: Request) -> None:
        encode = json.dumps  # a submission may put something else in its place

        def publish(name: str, seen: dict[str, Any]) -> None:
            text = encode({**seen, "forbidden": sorted(self._forbidden)[:20]})
            _publish(out / name, text)

        seen = self._probe.observe(request.source, lambda one: publish("seen.json", one))
        publish("step.json", seen)


def _visible(hidden: tuple[Path, ...]) -> tuple[Path, ...]:
    """The folders of Python and of the libraries that are loaded, under all their names."""
    files = [getattr(one, "__file__", None) for one in list(sys.modules.values())]
    paths = {Path(one) for one in sys.path if one and any(_holds(one, file) for file in files)}
    paths |= {Path(one) for one in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    paths |= {path.resolve() for path in paths}
    return tuple(sorted(one for one in paths if one not in hidden and len(one.parts) > 1))


def _holds(folder: str, file: str | None) -> bool:
    return file is not None and file.startswith(folder + os.sep)


def _forget_the_grader() -> None:
    """Closes the lines to the grader, so that nothing is asked from there or told to it."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for file in (0, 1, 2):
        os.dup2(nowhere, file)
    os.close(nowhere)


def _start_anew(place: Confined, request: Request) -> None:
    """An environment that tells nothing, and a folder to work in."""
    kept = {name: os.environ[name] for name in _STAYS if name in os.environ}
    os.environ.clear()
    os.environ.update(kept | _CONSTANT | request.marks | dict.fromkeys(_PLACES, str(place.work)))
    os.chdir(place.work)
    tempfile.tempdir = None  # it may have been asked for before
    if place.lacks and sys.platform != "win32":
        threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _publish(path: Path, text: str) -> None:
    partial = path.with_suffix(".part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _end_with(parent: int) -> None:
    """Ends this process when the watching process was killed."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _say(**values: object) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def start(greeting: dict[str, Any]) -> None:
    """Greets, and carries out orders until there are no more."""
    if sys.platform == "linux":
        from generator.exercises.confinement.calls import die_with_parent

        die_with_parent()
    try:
        worker = Worker(greeting)
        lacks = worker.lacks(Path(greeting["folder"]))
    except Exception as error:
        _say(failed=f"cannot start: {type(error).__name__}: {error}")
        os._exit(1)
    _say(lacks=lacks)
    for line in sys.stdin:
        worker.carry_out(json.loads(line))
