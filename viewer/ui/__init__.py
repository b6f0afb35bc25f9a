"""PySide6 widgets, one a file; no geometry, no files."""
