"""Settings models of the organization: accounts, address plan, placement, contacts, audit.

Settings of a team or of published data belong in ``team`` and ``data``.
"""
