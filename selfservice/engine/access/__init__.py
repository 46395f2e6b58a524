"""The roles with which the engine enters accounts: those in the states, made those of the process that works."""
