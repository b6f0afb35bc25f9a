"""Queues with a purpose: to annotate or to check, by whom, until when, and what must be filled."""
