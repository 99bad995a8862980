"""The tests; what has to be settled before NumPy or torch is imported is settled here."""

import os

# Small tensors gain nothing from threads, and lose much where cores are busy: while one thread
# works, the others wait by spinning. The processes that tests start inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")
