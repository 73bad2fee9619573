"""The services. None imports another; they meet in events and in published HTTP contracts."""
