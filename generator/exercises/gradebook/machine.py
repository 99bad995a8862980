"""This machine -> what a submission could do on it though it should not.

Nothing comes in. Out: some of `SENTENCES`, for the key under which grades are kept: what was graded
where confinement did not hold is graded again where it does. A process without torch tries it, so
a run that has nothing to grade need not start the grader.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.exercises.confinement.confine import SENTENCES
from generator.exercises.grading.workers import make_folders

_SECONDS = 60.0
_TRY = """
import json, sys
from pathlib import Path
sys.path[:] = json.loads(sys.argv[2])
from generator.exercises.confinement.confine import Place, confine
visible = tuple({Path(sys.prefix), Path(sys.base_prefix)})
confined = confine(Place(Path(sys.argv[1]), visible, ()))
(confined.out / "lacks.json").write_text(json.dumps(confined.lacks), encoding="utf-8")
"""


def lacks_here() -> tuple[str, ...]:
    """What a submission could do; all that there is where it cannot be found out."""
    if sys.platform != "linux":
        return SENTENCES
    with TemporaryDirectory(prefix="detr-grade-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        make_folders(folder)
        path = json.dumps([str(Path(one).resolve()) for one in sys.path])
        command = [sys.executable, "-P", "-W", "ignore", "-c", _TRY, str(folder), path]
        try:
            subprocess.run(command, capture_output=True, timeout=_SECONDS, check=True)
            found = json.loads((folder / "out" / "lacks.json").read_bytes())
        except (OSError, ValueError, subprocess.SubprocessError):
            return SENTENCES
    return tuple(one for one in SENTENCES if one in found)
