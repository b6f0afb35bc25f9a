"""Scene packs: one HDF5 file that holds a whole scene, for handing over and for fast reading."""
