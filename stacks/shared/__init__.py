"""Common code of several kinds of stack: providers, output contracts, network connections, account set-up. Builds no
stack of its own.
"""
