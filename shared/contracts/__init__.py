"""What a service publishes, and the only thing of a service that others may import: events and HTTP shapes."""
