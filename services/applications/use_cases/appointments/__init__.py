"""What is done with appointments, waiting lists, tickets and draws."""
