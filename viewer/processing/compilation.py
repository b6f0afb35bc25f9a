"""Runs the compiled kernels once, so that the cache on disk holds them all."""

import numpy as np

from viewer.processing.ground import Ground


def compile_kernels() -> None:
    """Compile the search for the ground."""
    Ground(np.random.default_rng(0).normal(0, 1, (64, 3))).at(np.zeros(3))
