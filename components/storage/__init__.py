"""S3 buckets with the foundation's settings, and policies and lifecycle rules for them.

Zones of the data lake are in `components.data_lake`.
"""
