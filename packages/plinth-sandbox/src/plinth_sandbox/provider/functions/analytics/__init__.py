"""Functions of catalog entries for Athena, Glue and Lake Formation."""
