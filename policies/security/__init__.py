"""The security policy pack: its rules, the code that runs them in the engine, and the generator of their reference
page.

What a rule reads is in ``inputs``, and the rules themselves are in ``rules``.
"""
