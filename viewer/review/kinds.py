"""Kinds of entries in the journal that are no command of the catalogue, or no step of undo."""

UNDO, REDO = "undo", "redo"
MERGE = "merge"
NO_STEPS = frozenset({"introduce", "add_dataset", "record_delivery", MERGE})
"""Kinds of commands that state facts; undo passes over them."""
