"""Locks of stacks on this machine and in backends. No operation on a stack belongs here."""
