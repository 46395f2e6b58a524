"""Reviews of pull requests: what a change does to the stacks, judged by the policies of the protected branch, and the
comment that says so. Commands belong in ``cli``.
"""
