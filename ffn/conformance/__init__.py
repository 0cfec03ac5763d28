"""How an implementation is judged: laws, each on generated cases, each answer held against its admissible set."""
