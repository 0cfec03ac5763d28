"""Attempts of people who have not seen the rules."""
