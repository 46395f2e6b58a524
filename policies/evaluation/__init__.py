"""Common parts of all rules: the types of rules, their dispatcher, the readers of resources and policy documents, and
the conversion to policies of the engine.

It contains no rule, and imports no package of rules.
"""
