"""What is done with fees and payments, one file for each act."""
