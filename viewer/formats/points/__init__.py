"""Point-cloud files: one format a file, listed in catalog.py."""
