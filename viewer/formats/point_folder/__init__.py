"""Folders of point clouds with or without images, and loose calibration beside them."""
