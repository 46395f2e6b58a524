"""The stack ``etl``: what all ETL jobs and crawlers share. The job of one dataset is in the dataset's stack."""
