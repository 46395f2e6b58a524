"""Decides AWS requests from policy documents, as the IAM User Guide documents it.

The package parses policies and evaluates requests. It calls no AWS API and knows nothing of the program whose policies
it evaluates.
"""
