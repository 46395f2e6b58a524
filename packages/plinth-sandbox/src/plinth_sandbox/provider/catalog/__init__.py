"""The provider catalog: resource types and data sources as data, one module per module of the `aws` package
(`aws:kms/key:Key` is in kms.py). Code that an entry needs belongs in `functions`."""
