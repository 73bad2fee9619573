"""HTTP: what was sent about a case, and what became of it."""
