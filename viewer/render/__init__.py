"""Session to pixels: the 3D view through VTK, image overlays, snapshots."""


def warm_up() -> None:
    """Compile and cache every kernel of this room; set-up calls it, once a machine."""
    from viewer.render import compilation, overlay_compilation

    compilation.compile_kernels()
    overlay_compilation.compile_kernels()
