"""Checks every request against the constraints of AWS's service models before any layer sees it. Rules that no model
states, such as references between resources, belong in `preconditions`."""
