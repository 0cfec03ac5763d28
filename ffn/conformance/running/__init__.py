"""Running laws on an implementation: cases, failures, and what is told of them."""
