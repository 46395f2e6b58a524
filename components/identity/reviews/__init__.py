"""Roles of reviews of pull requests, which read what stacks consist of and change nothing.

What a type of resource needs to be read is in `deployer`.
"""
