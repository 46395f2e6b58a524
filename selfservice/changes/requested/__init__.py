"""What all requests of the platform team have in common, as a model. The kinds belong in
:mod:`selfservice.requests.kinds`.
"""
