"""Findings that a person looked at and found to be none."""
