"""The stack ``data-catalog``: the Glue Data Catalog and the Lake Formation settings of the data lake account."""
