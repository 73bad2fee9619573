"""Sealing: personal data as ciphertext that is bound to its place, under a key of its person. Pure: no database, no clock."""
