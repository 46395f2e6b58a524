"""The deployment repository: check, render, contract and test."""
