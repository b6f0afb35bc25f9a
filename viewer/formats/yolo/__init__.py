"""YOLO: a text file of normalised numbers beside each image, classes in ``data.yaml``."""
