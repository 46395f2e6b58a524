"""The roles that deploy stacks, with permissions derived from the resource types of the stacks.

The list of actions per resource type is in `resources`.
"""
