"""Decommissions a team, or retires a use case, on request: reviews what goes, keeps evidence of it, destroys it, and
reports what is left."""
