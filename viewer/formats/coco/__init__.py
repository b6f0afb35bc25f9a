"""COCO: images, categories and annotations in one JSON file; results as a list of predictions."""
