"""KITTI raw drives: timed sweeps and images, oxts poses, tracklets, calibration a folder up."""
