"""What a reviewer can do: every change of a workspace is one of these commands."""
