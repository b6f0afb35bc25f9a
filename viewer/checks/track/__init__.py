"""The checks of tracks."""
