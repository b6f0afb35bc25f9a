"""Which datasets a workspace is about, who reviews, and its settings."""
