"""Bringing labels of one dataset into another: matching, three modes, unknown classes, a plan."""
