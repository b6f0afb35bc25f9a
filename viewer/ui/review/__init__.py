"""The Review layout: verdicts, queues and history beside the object."""
