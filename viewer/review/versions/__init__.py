"""Label sets as they were at a moment, forks of them, and what lies between two."""
