"""The part of the ``awsglue`` library that the supported scripts use, on Spark data frames.

A script that uses another part fails with an AttributeError or an ImportError.
"""
