"""The command line of the repository: check, render, contract and test."""
