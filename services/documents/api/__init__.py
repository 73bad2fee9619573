"""HTTP of the documents service."""
