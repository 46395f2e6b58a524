"""Pipeline definitions: steps with complete requests, rendered without AWS."""
