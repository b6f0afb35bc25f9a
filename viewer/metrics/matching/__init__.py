"""Which label a prediction is: how alike two objects are, and who gets whom."""
