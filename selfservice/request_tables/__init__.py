"""Common parts of the two tables of requests: items and their conditional writes, ids, and the claim with which one
runner works on a request. The requests of the platform team are in :mod:`selfservice.catalog`, and those of lead data
scientists in :mod:`selfservice.requests`.
"""
