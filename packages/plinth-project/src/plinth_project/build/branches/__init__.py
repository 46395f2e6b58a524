"""The life of feature branches: records of their builds, and their removal."""
