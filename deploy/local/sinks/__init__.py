"""Where the local stack's e-mail and SMS end up instead of reaching anybody."""
