"""Session to pixels: the 3D view through VTK, image overlays, snapshots."""


def warm_up() -> None:
    """Compile and cache every kernel of this room; set-up calls it, once a machine."""
    from viewer.render.compilation import compile_kernels

    compile_kernels()
