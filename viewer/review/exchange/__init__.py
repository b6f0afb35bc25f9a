"""Decisions in the shapes of other tools, both ways."""
