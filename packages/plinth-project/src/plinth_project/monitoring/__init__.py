"""Compares captured requests and predictions of a served version with the baseline that was registered with it.

A release ships these modules: :mod:`plinth_project.monitoring.start` is a function that starts a processing job for
each window, :mod:`plinth_project.monitoring.job` is the job. They use the standard library, boto3, NumPy, pandas and
SciPy, which the image of the model has.
"""
