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
