"""Supervisely point cloud projects: meta.json, and folders of clouds, labels and images."""
