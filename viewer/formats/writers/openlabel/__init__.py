"""Writes ASAM OpenLABEL 1.0 files with the sensor data beside them."""
