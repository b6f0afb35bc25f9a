"""Compiles and caches every numba kernel, so that no first click waits for a compiler."""

import importlib
import time

ROOMS = (
    "viewer.geometry", "viewer.formats.points", "viewer.processing", "viewer.render",
    "viewer.metrics",
)  # fmt: skip
# Kernels with signatures are compiled when their module is imported.
SIGNED = (
    "viewer.formats.json_field_kernels",
    "viewer.formats.json_row_kernels",
    "viewer.formats.writers.mask_ring_kernels",
)


def main() -> None:
    for room in ROOMS:
        started = time.perf_counter()
        importlib.import_module(room).warm_up()
        print(f"{room}: kernels ready in {time.perf_counter() - started:.1f} s")
    for module in SIGNED:
        importlib.import_module(module)


if __name__ == "__main__":
    main()
