"""`sightline review`: one file a subcommand, each thin over `viewer.review`."""
