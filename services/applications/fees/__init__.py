"""Fees and payments: how they lie in the database, the provider, and the daily reconciliation."""
