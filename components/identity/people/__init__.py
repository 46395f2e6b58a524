"""Groups, permission sets, assignments and roles for people.

What each persona may do is defined in `components.identity.personas`.
"""
