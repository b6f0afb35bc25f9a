"""Sightline: look at, check and review 3D sensor-fusion scenes."""

import os

__version__ = "0.1.0"

# Compiled kernels run on several Python threads at once, which OpenMP's pool allows; numba reads
# this when it is first imported.
os.environ.setdefault("NUMBA_THREADING_LAYER_PRIORITY", "omp tbb workqueue")
