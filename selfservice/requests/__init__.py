"""Requests: the kinds of the platform team, and those of lead data scientists for use cases, with their reading, their
approval, the table of the latter and looks at the open ones. What a runner does for one belongs in
:mod:`selfservice.request_runner`.
"""
