"""The derivations, one file a subject of the notes."""
