"""The local stack: everything on one machine without Docker; stands alone, imports neither services nor shared."""
