"""One module per module of the `aws` package (`aws:kms/key:Key` is in kms.py): its resource types and data sources."""
