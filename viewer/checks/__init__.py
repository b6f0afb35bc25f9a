"""Automatic checks of labels, calibration and files: one question a file, evidence with each."""
