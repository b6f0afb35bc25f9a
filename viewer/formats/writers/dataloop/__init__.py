"""Writes Dataloop exports: items, annotation JSON, lidar scene files, ontology."""
