"""Readers of services. Each yields a finding for everything that the service allows and no stack declares."""
