"""The kernel that all services share. It never imports a service."""
