"""What is handed to people who do not have Sightline: HTML pages with pictures, tables, charts."""
