"""An upload in pieces: begun, gone on with, ended."""
