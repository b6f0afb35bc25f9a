"""Camera models: one lens a file, listed in catalog.py."""
