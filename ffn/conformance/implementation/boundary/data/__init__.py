"""What crosses the boundary: calls and scripts of them, replies, arrays and descriptions, as data."""
