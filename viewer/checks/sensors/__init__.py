"""The checks across sensors, and the doctor of calibration and time."""
