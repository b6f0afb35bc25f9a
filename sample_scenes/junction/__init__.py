"""A junction on a slope that every seed draws anew: roads, traffic, sensors and labels."""
