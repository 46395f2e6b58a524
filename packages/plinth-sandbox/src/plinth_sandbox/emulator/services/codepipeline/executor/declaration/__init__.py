"""The declaration of a pipeline: its structure, the types of its actions and its references to variables."""
