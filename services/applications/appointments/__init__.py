"""Appointments, waiting lists, tickets and draws: how they lie in the database, and what waits for a time."""
