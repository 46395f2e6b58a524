"""Hosts of the runner of requests: the program of a build in the governance account. What the runner does for a request
belongs in :mod:`selfservice.request_runner`.
"""
