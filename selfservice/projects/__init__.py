"""The project that operations work on: its settings and folders, the states of its stacks, and their outputs."""
