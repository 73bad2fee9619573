"""How Eshik runs: images and settings for servers, and the local stack for one machine."""
