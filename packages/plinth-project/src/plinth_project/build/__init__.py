"""The build repository: check, render, run and submit. Code of steps does not belong here."""
