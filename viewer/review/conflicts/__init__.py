"""What two merged files say differently, until somebody resolves it."""
