"""The ways out of the building. Each says what became of a message, never more than it knows."""
