"""Upgrades of teams to the installed version of the foundation. Operations on single stacks are in
:mod:`selfservice.runner`."""
