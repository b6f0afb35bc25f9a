"""Findings of the checks in the window."""
