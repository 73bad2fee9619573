"""The documents room: what is issued, how it is rendered, sealed and signed, and how anyone checks it."""
