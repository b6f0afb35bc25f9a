"""The checks within a frame."""
