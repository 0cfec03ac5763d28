"""Programs that are put to tests, and tests that are put to programs."""
