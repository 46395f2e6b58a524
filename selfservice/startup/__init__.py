"""The folder that the engine's Python processes have on their path: ``sitecustomize``, and what it imports from here.

A process finds these modules at the top level, so their names must not be those of any package.
"""
