"""Rigid transforms, camera models, cuboids, projection and overlap: plain numpy, no files."""


def warm_up() -> None:
    """Compile and cache every kernel of this room; set-up calls it, once a machine."""
    from viewer.geometry.compilation import compile_kernels

    compile_kernels()
