"""SUSTechPOINTS scenes: lidar, camera, calib/camera and label with a box list a frame."""
