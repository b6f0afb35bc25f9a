"""Lists of labels, tracks, frames or scenes that wait for a verdict, worked off in batches."""
