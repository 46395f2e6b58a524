"""Removes what the settings no longer have: finds deployed stacks without settings, and plans the removal of a team."""
