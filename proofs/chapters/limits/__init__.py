"""Universal approximation and limits."""
