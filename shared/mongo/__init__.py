"""MongoDB: the only package that starts a transaction."""
