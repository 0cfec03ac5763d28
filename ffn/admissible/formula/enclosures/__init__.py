"""Arrays of enclosures of real numbers: midpoint–radius in float64, and arb."""
