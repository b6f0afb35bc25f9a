"""PandaSet sequences: lidar and labels in pickled tables, cameras, poses in JSON; reading."""
