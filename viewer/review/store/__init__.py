"""The workspace's file: SQLite, its schema, who holds it, and its backup."""
