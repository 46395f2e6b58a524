"""The stage of private REST APIs: access log, tracing and request limits.

The APIs themselves, with their documents and callers, are in the packages of their concern.
"""
