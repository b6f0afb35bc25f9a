"""Files to scenes and back; the only room that opens data files."""
