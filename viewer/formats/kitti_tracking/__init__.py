"""KITTI tracking: sequences with label_02, velodyne, image_02, calib and oxts; reading."""
