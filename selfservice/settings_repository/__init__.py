"""The git repository of the settings: commits of requests, their branches, their pull requests and their history. The
content of settings files does not belong here.
"""
