"""Loose calibration files: lenses and poses of cameras, in the shapes that tools write."""
