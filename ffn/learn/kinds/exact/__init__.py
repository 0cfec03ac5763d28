"""Numbers, constructions and expressions, judged exactly."""
