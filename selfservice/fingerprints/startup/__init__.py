"""The folder that the engine's Python processes have on their path. Holds ``sitecustomize`` and nothing else."""
