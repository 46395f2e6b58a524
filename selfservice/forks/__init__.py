"""Processes that import the SDKs once, and fork workers and programs (decision 34).

What a worker does belongs in ``runner``, what it asks the engine for in ``engine``.
"""
