"""How far two reviewers agree who looked at the same things."""
