"""A course handout about DETR whose every figure and number was measured.

`docs/architecture.md` explains what lies where; `python -m generator --help` lists the commands.
"""

import os
import platform

# NumPy multiplies small matrices, for which OpenBLAS would wake a thread for each core: those that
# wait cost more than they save, and images are measured in several processes anyway. PyTorch for
# these processors has MKL, and keeps its threads; for others it has OpenBLAS itself.
if platform.machine().lower() in ("x86_64", "amd64"):
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# PyTorch's threads wait for each other after every operation. GNU's OpenMP lets them turn in a loop
# meanwhile, for so long that a busy core, whose thread does not come, costs the whole forward many
# times over. A short loop and then sleep is as fast on an idle machine (`benchmarks.busy_machine`).
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
