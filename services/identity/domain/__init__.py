"""People, and what a token may say about them. Pure: no I/O, no clock, no framework."""
