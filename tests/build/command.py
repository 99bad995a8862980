"""The command line with stand-ins for figures, for tests that start it: `python -m ...command`.

In: the arguments of `python -m generator`. Out: what that does, in as many processes; only figures
are empty. A file that `HOLD` names keeps a figure from being finished as long as it is there: so a
test knows that a build is at work, however slow the machine. The file that `BEGUN` names is made
once an interrupt is one line.
"""

from __future__ import annotations

from generator.command_line.interrupts import end_soon  # first, as in a command

# isort: split
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
BEGUN, HOLD = "DETR_HANDOUT_TEST_BEGUN", "DETR_HANDOUT_TEST_HOLD"


def start(
    project: Path,
    *arguments: str,
    hold: Path | None = None,
    begun: Path | None = None,
    before: Callable[[], None] | None = None,
    alone: bool = False,
) -> subprocess.Popen[str]:
    """Starts a command in a project.

    Args:
        hold: while this file is there, no figure is finished.
        begun: a file that is made as soon as an interrupt is one line.
        before: what the new process does first.
        alone: whether it and its children are a group, for signals to all of them.
    """
    more = {name: str(file) for name, file in ((HOLD, hold), (BEGUN, begun)) if file}
    return subprocess.Popen(
        [sys.executable, "-m", __name__, *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT), **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=before,
        start_new_session=alone,
    )


def _stand_in() -> None:
    from generator.figures import redraw
    from generator.figures.tiles import save_tile
    from tests.quick_figures import draw_next_to_nothing

    draw_next_to_nothing(setattr)
    if HOLD in os.environ:
        hold, save = Path(os.environ[HOLD]), save_tile

        def wait_and_save(*arguments: object) -> None:
            while hold.exists():
                time.sleep(0.01)
            save(*arguments)  # type: ignore[arg-type]

        redraw.save_tile = wait_and_save  # type: ignore[assignment, attr-defined]


if __name__ == "__main__":
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
