"""Issues: what a person opened or a finding became, with elements, comments and a sight."""
