"""Athena workgroups with settings that clients cannot override.

Components that use them are in the packages of their concern.
"""
