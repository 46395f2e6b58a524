"""The rules, in one package per area. ``rule_list`` discovers every module in them.

A module has a constant ``RULES``. Modules named ``stack_…`` contain mainly checks of a stack's resources together.
"""
