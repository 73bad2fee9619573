"""What this service does: one file, one command, one function."""
