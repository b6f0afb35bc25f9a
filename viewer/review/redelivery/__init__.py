"""What becomes of decisions when a dataset's labels are delivered again."""
