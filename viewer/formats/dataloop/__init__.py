"""Dataloop exports: items, their annotation JSON, lidar scenes, ontology."""
