"""Where Pulumi keeps the states of stacks, and the operations that run on them. The engine's set-up belongs in
``engine``."""
