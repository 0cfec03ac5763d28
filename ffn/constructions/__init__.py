"""What such networks can compute, built: interpolation, folding, regions, symmetries, maxout, training."""
