"""Aquarium Learning: JSON Lines of frames, labels, updates and inferences beside the data."""
