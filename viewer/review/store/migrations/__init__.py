"""Steps from one version of the workspace's schema to the next, one a file."""
