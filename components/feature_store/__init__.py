"""Feature groups of SageMaker Feature Store and their sharing with other accounts.

Jobs that fill them are in `components.data_lake.etl`.
"""
