"""The audit: who changed or looked at what, chained, counted in a Merkle tree, and signed where others keep a copy."""
