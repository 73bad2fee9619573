"""The queue of a post: claims and their leases, desks, and posts that close."""
