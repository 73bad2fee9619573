"""HTTP: token keys and tokens, the signed-in person, contact points for our services, demo accounts."""
