"""ROS bags, one file or a folder, and MCAP recordings: point clouds, images, tf and boxes."""
