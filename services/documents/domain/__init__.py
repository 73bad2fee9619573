"""The rules of papers and their register: no I/O, no clock, no framework."""
