"""The queue of a post: taking what is next, assigning, claims that run out, who can do what, and a post that closes."""
