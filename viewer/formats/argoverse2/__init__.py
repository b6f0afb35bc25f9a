"""Argoverse 2 sensor logs: feather tables, lidar sweeps and undistorted images; reading."""
