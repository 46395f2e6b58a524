"""Reads requests, from files and from texts in tables, and refuses wrong ones with every fault. The fields of a request
belong in :mod:`selfservice.requests.kinds`.
"""
