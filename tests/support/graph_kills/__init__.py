"""Kills the processes that execute a graph durably, and checks what the next ones make of it."""
