"""The part of Glue's own library that scripts of ours use, on Spark's data frames.

What is not here fails as an attribute that does not exist.
"""
