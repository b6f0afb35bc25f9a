"""Published evaluation protocols, one a file, listed in `catalog`."""
