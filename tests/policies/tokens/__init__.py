"""Cases for single tokens of rules: a resource or stack that a rule refuses or accepts because of one text in a list.

The tokens are written here as AWS spells them, or come from the settings of endpoints, and never from the code of a
rule. Thus the case of a token that a rule no longer lists remains, and fails.
"""
