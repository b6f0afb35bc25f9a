"""Point-cloud algorithms."""
