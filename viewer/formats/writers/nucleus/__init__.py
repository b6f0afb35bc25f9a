"""Writes Nucleus payloads: those of Nucleus data as they were, those of other scenes made anew."""
