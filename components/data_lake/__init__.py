"""The data lake: zones, published datasets, Lake Formation grants and access for other accounts.

Jobs are in `etl`, the data API is in `api`, and feature groups are in `components.feature_store`.
"""
