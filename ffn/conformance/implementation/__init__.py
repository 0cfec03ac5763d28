"""The implementation that is judged: what it offers, how it is found, called and held to the protocol."""
