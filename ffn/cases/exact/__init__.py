"""Exact cases: on which no correct program rounds, so that the only admissible answer is the true one."""
