"""The stack ``identity``: IAM Identity Center and the people of the shared accounts. Team groups are in the team's
stack.
"""
