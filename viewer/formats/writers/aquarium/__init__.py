"""Writes Aquarium datasets: JSON Lines of frames, labels and inferences, and a project file."""
