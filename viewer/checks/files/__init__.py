"""The checks of recorded files."""
