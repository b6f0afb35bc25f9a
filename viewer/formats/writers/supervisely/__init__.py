"""Writes Supervisely point cloud projects."""
