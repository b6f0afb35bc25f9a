"""Notes that something is missing: where, of which class, about how large."""
