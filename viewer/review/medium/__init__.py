"""What can be wrong with a workspace's file and with what it lies on, said for people."""
