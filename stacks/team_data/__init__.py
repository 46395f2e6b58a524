"""The stack of a team's data access: grants, links, workgroups and data APIs. It names no dataset."""
