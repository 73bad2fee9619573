"""./eshik soak: a real load while every process, the broker and the database are killed and frozen at random."""
