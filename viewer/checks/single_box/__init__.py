"""The checks of single boxes."""
