"""Rules of pods, wherever a workload nests them."""
