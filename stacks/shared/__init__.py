"""What several kinds of stack need: providers, output contracts, network connections, account set-up. Builds no
stack of its own.
"""
