"""Messages, their life and their wording. Pure: no I/O, no clock, no framework."""
