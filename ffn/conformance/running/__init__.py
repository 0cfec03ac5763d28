"""Running laws on an implementation: cases, failures, and what is told of them."""

DEFAULT_EXAMPLES = 1  # drawn for each law, on top of those that are planned
UNPLANNED = 2  # drawn at least where none are
