"""The checks of a whole dataset, and of what people agree on."""
