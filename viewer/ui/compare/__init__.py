"""The Compare layout: predictions beside labels, figures, and the list of errors."""
