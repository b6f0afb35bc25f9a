"""Point-cloud algorithms."""


def warm_up() -> None:
    """Compile and cache every kernel of this room; set-up calls it, once a machine."""
    from viewer.processing.compilation import compile_kernels

    compile_kernels()
