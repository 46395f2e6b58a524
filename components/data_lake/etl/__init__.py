"""Glue jobs and crawlers that produce datasets from landing data, with their triggers and permissions.

Jobs of environments are in `components.integration`.
"""
