"""The runner of requests: carries out approved requests for teams, and creates requested use cases. The requests
themselves are in :mod:`selfservice.requests`; what a runner shows is up to its surface.
"""
