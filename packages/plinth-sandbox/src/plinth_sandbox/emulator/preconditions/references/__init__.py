"""References in requests: a table by operation of the resources that AWS looks up before it performs the operation. A
reference belongs here only if AWS checks it. Resources that still use what is deleted are in `dependents`."""
