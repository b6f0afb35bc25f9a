"""Rigid transforms, camera models, cuboids, projection and overlap: plain numpy, no files."""
