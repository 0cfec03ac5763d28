"""The lessons, chapter by chapter of the notes, each with the bugs that it refuses."""
