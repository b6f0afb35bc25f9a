"""Scenes to files of other layouts, with a list of what the layout cannot hold."""
