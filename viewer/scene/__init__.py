"""What was recorded and labelled: point clouds, images, labels, frames, scenes."""
