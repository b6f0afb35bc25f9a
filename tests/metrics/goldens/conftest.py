"""The scripts here run in environments of their own, with the packages that they ask."""

collect_ignore_glob = ["make_*.py"]
