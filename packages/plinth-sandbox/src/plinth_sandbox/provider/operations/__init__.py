"""Operations on resources: create, read, update, delete and invoke, made of botocore calls. Facts about a single type
belong in `catalog`."""
