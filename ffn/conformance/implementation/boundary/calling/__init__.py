"""Calling an implementation in the process in which it is, whatever it does."""
