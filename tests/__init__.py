"""The tests; this sets what has to be set before NumPy or torch is imported."""

import os

# Small tensors gain nothing from threads, and lose much if cores are busy: while one thread
# works, the others wait by spinning. Processes that tests start inherit the setting.
os.environ.setdefault("OMP_NUM_THREADS", "1")
