"""How well predictions agree with labels: matching, confusion, curves and published protocols."""
