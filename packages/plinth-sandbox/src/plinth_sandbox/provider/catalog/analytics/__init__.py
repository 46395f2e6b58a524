"""Catalog entries for Athena, EMR Serverless, Glue and Lake Formation."""
