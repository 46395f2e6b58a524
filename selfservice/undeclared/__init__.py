"""What AWS accounts contain beyond the stacks, as far as it opens data or powers to somebody.

Readers, one module for each service, compare AWS with the states of all stacks. What a stack declares is compared by a
refresh of the engine instead. Nothing here changes AWS.
"""
