"""The way back: cotangents, and which maxima are pivots or have ties."""
