"""Scenes parted into train, val and test so that each class has its share in every part."""
