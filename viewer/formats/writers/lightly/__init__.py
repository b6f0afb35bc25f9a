"""Writes Lightly datasets: images, prediction tasks, metadata, a file list."""
