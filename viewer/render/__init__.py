"""Session to pixels: the 3D view through VTK, image overlays, snapshots."""
