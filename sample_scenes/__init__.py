"""Synthetic drives with known truth, and the programs that make them."""
