"""Named, saved sets of scenes, frames, tracks or labels, with how they were made."""
