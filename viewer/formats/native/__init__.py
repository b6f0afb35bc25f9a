"""Sightline's own layout: one JSON manifest a scene, point clouds and images as ordinary files."""
