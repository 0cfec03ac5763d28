"""Networks, hyperplanes, approximation."""
