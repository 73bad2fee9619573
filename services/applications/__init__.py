"""Applications: what a citizen asks of a post, and how the post decides."""
