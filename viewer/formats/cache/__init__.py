"""Derived files in the user's cache folder; all of them can be deleted at any time."""
