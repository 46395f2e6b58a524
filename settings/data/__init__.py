"""Settings models of data: datasets, feature groups, ETL, intakes, data APIs, and the layout of ML buckets."""
