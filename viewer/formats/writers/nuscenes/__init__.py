"""Writes nuScenes tables with their files, and results of its benchmark."""
