"""Words that people put on anything."""
