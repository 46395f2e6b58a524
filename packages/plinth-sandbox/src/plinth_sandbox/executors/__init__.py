"""Programs that the emulator starts to run provisioned workloads: Glue scripts and Athena queries. What the emulator
answers about a run belongs in the executor of its service in ``emulator/services``."""
