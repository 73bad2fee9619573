"""The rules of applications: pure, without I/O, clock or framework."""
