"""labelCloud folders: pointclouds, and labels as centroids or vertices with point classes."""
