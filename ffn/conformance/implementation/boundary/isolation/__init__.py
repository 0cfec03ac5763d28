"""A process of the implementation's own, from its start to its end, and what goes to and fro."""
