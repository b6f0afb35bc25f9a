"""Making one workspace of two: nothing is dropped, what contradicts is listed."""
