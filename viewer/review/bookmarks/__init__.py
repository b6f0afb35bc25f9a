"""Views that a person gave a name."""
