"""Writes logs of the Argoverse 2 sensor dataset."""
