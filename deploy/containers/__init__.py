"""What docker-compose.yml needs beside the services: the step that makes keys, and a gateway that takes SMS in."""
