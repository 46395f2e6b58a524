"""The policy pack: its rules, and what runs them in the engine. It imports the settings, and no component or stack that
it checks.
"""
