"""Library of a use case's repositories: their command line, and builders of their pipelines and services.

``build`` is for the repository that trains models, ``deployment`` for the one that serves them. What both need is
beside them. Code of jobs and Lambda functions does not belong here, because it runs in images without this library. The
exception is ``monitoring``, which a release ships as files with its jobs; it imports nothing else of the library.
"""
