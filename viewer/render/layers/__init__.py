"""What the 3D view consists of: one layer a file, listed in `catalog.py`."""
