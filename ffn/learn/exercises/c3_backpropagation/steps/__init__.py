"""Single steps of the backward pass."""
