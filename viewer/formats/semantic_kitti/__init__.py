"""SemanticKITTI and KITTI odometry: sequences with poses, and a class for every point; reading."""
