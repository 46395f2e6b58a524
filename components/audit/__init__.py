"""Logging and detection for the organization: log archive, recorders, detectors and findings.

The organization's trail is in `trail`.
"""
