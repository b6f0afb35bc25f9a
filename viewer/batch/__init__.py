"""Work over many scenes: here, in processes, or on a Dask cluster, with the same result."""
