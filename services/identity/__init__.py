"""Who is who: citizens with their contact points, officers with posts and roles, and the tokens that say so."""
