"""An interrupt is one line and an exit code, wherever it comes."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from generator.command_line.interrupts import INTERRUPTED, STOPPED

ROOT = Path(__file__).parents[2]
LISTENING = "signal.signal(signal.SIGINT, signal.default_int_handler)"
"""A shell starts what runs in the background deaf to interrupts."""
IN_PLAIN_CODE = "signal.raise_signal(signal.SIGINT)"
IN_A_CALLBACK = """
class Kept:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

kept = Kept()
del kept
time.sleep(60)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="raises no signal in its own process")
@pytest.mark.parametrize(
    ("code", "exit_code"),
    [(IN_PLAIN_CODE, -signal.SIGINT), (IN_A_CALLBACK, INTERRUPTED)],
    ids=["code", "callback"],
)
def test_an_interrupt_is_one_line(code: str, exit_code: int) -> None:
    ours = "from generator.command_line.interrupts import end_soon"
    start = f"import signal, time\n{LISTENING}\n{ours}\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{start}end_soon()\n{code}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.strip() == STOPPED
    assert done.returncode == exit_code
