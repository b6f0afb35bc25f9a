"""What the application looks at right now: Qt-free state, changes, jobs, settings."""
