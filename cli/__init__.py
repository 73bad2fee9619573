"""The one command, ./eshik."""
