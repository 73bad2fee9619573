"""Work that leaves a transaction or waits for a time: stored with the change, leased, fenced, retried, or an alarm."""
