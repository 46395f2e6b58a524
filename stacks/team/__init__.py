"""The stack of a team: its organizational units, accounts, budget and people. Resources inside its accounts are
elsewhere.
"""
