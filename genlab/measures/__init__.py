"""What is measured of a run, each figure with its interval and the protocol behind it."""
