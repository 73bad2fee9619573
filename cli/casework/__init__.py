"""Casework over the public HTTP API, as programs of citizens and officers would do it: one case, or a consulate's whole day."""
