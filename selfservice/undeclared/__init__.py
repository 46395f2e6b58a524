"""Searches AWS accounts for resources and grants that no stack declares and that give somebody data or permissions.

Readers, one module for each service, compare AWS with the states of all stacks. What a stack declares is compared by a
refresh of the engine instead. Nothing here changes AWS.
"""
