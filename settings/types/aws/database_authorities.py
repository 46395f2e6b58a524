"""How clients of a database in RDS verify its certificate. The stacks say it to programs, and programs use it."""

from __future__ import annotations

RDS_AUTHORITIES = "/etc/plinth/rds-authorities.pem"
"""File of images with the authorities of RDS. Clients of a database in RDS trust no other."""
AUTHORITIES_VARIABLE = "PGSSLROOTCERT"
"""Environment variable of the client of PostgreSQL with the file of the authorities that it trusts."""
