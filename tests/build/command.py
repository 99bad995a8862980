"""The command line with stand-ins for figures, for tests that start it: `python -m ...command`.

In: the arguments of `python -m generator`. Out: what that does, in as many processes; only figures
are empty. A file that `HOLD` names keeps a figure from being finished as long as it is there: so a
test knows that a build is at work, however slow the machine. The file that `BEGUN` names is made
once an interrupt is one line. Under Linux commands are forked from one process that has imported
what a build needs, which takes three times what a small build does; its other end is `forked`.
"""

from __future__ import annotations

from generator.command_line.interrupts import end_soon  # first, as in a command

# isort: split
import gc
import importlib
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.build.forked import FORKS, MOST, SERVE, Command, Request, Running

ROOT = Path(__file__).parents[2]
BEGUN, HOLD = "DETR_HANDOUT_TEST_BEGUN", "DETR_HANDOUT_TEST_HOLD"

_NEEDED = (
    "mkdocs.commands.build", "torch", "generator.build.recipe",
    "generator.figures.gallery.gallery_set", "generator.figures.image.image_set",
    "generator.inference.detector", "generator.outputs.website", "generator.outputs.mkdocs_run",
)  # fmt: skip
"""What builds import while they work. No thread may come of it."""


def start(
    project: Path,
    *arguments: str,
    hold: Path | None = None,
    begun: Path | None = None,
    before: Callable[[], object] | None = None,
    alone: bool = False,
    afresh: bool = False,
) -> Running:
    """Starts a command in a project.

    Args:
        hold: while this file is there, no figure is finished.
        begun: a file that is made as soon as an interrupt is one line.
        before: what the new process does first; something that can be pickled.
        alone: whether it and its children are a group, for signals to all of them.
        afresh: whether Python itself is started, and everything imported, as a shell would.
    """
    more = {name: str(file) for name, file in ((HOLD, hold), (BEGUN, begun)) if file}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **more}
    if FORKS and not afresh:
        return Command(__name__, Request(project, arguments, environment, before, alone))
    return subprocess.Popen(
        [sys.executable, "-m", __name__, *arguments],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=before,
        start_new_session=alone,
    )


def _stand_in() -> None:
    from generator.figures import redraw
    from generator.figures.tiles import save_tile
    from tests.compiled_templates import compile_once_in_all_processes
    from tests.quick_figures import draw_next_to_nothing

    draw_next_to_nothing(setattr)
    compile_once_in_all_processes(setattr)
    if HOLD in os.environ:
        hold, save = Path(os.environ[HOLD]), save_tile

        def wait_and_save(*arguments: object) -> None:
            while hold.exists():
                time.sleep(0.01)
            save(*arguments)  # type: ignore[arg-type]

        redraw.save_tile = wait_and_save  # type: ignore[assignment, attr-defined]


def _serve(connection: socket.socket) -> None:
    """Begins what is asked for, each in a process of its own, in which this returns."""
    for name in _NEEDED:
        importlib.import_module(name)
    gc.freeze()
    while data := connection.recv(MOST):
        message = pickle.loads(data)
        if not isinstance(message, Request):  # whether one has ended
            connection.send(pickle.dumps(os.waitpid(*message)))
            continue
        _, (output,), _, _ = socket.recv_fds(connection, 1, 1)
        if not (process := os.fork()):
            connection.close()
            message.take_over(output)
            return
        os.close(output)
        connection.send(pickle.dumps(process))
    os._exit(0)


if __name__ == "__main__":
    if sys.argv[1:2] == [SERVE]:
        _serve(socket.socket(fileno=int(sys.argv[2])))
    # A shell starts what runs in the background deaf to interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if BEGUN in os.environ:
        Path(os.environ[BEGUN]).touch()
    from generator.__main__ import run

    end_soon()
    _stand_in()
    run()
elif __name__ == "__mp_main__":  # in a process that draws
    _stand_in()
