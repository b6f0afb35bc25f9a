"""KITTI object detection: independent frames with calib, label_2, velodyne, image_2 and image_3."""
