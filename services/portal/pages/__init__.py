"""One module for each area of pages: read the form, ask the APIs, draw or redirect."""
