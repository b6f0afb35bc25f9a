"""ASAM OpenLABEL 1.0 JSON: objects, streams and coordinate systems, with or without frames."""
