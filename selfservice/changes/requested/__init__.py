"""Common base of all requests of the platform team, as a model. The kinds belong in
:mod:`selfservice.requests.kinds`.
"""
