"""Functions whose answers are arrays of floats, held against admissible sets."""
