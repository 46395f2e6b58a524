"""Typed and validated configuration: models, the rules that check them, what follows from them, and the file reader.

No Pulumi and no AWS SDK: resources belong in ``components`` and ``stacks``.
"""
