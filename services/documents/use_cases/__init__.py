"""What the documents service can do: one file, one command, one function."""
