"""Tells people what happened to their case, in their language, by e-mail and SMS; each message leaves at most once."""
