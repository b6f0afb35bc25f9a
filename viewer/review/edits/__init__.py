"""What people changed about labels; the dataset itself stays as it was delivered."""
