"""Security rules of AWS resources, and the entry point of the process that runs every rule of the foundation.

What a rule reads is in ``inputs``, and the rules themselves are in ``rules``.
"""
