"""Cases: what one call of an implementation needs, and how it is drawn."""
