"""nuScenes v1.0 tables and what follows their schema (Lyft Level 5, T4): reading."""
