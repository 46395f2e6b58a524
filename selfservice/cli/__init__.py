"""The command line: commands, their options, and what they print.

What runs stacks belongs in ``runner``, what calls the Pulumi engine in ``engine``, and the content of reports in
``reports``.
"""
