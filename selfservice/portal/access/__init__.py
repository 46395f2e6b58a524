"""Access control: sign-in, sessions, limits, and AWS with the roles of the person."""
