"""Retention: how long what is kept, as data, and the arithmetic of its terms. No database, no clock."""
