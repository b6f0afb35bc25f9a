"""How well predictions agree with labels: matching, confusion, curves and published protocols."""


def warm_up() -> None:
    """Compile and cache every kernel of this room; set-up calls it, once a machine."""
    from viewer.metrics.compilation import compile_kernels

    compile_kernels()
