"""What reviewers think of labels, tracks, frames and scenes."""
