"""One file, one command, one transaction: the list of files is the list of features."""
