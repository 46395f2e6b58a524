"""Documents that services read when they are stored, and refuse when they could not be used."""
