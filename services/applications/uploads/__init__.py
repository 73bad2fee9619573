"""What strangers send us as papers: looked at and made harmless by a process of its own, and only then attached to a case."""
