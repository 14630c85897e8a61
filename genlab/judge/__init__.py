"""Networks that read pictures, how they are trained, and the features that samples are compared in."""
