"""Settings of what runs stack operations without a person."""
