"""Pages for people: no database and no business rule, only the four APIs drawn for citizen, officer, verifier and operator."""
