"""Scale Nucleus: JSON of lidar scenes, items, annotations and predictions."""
