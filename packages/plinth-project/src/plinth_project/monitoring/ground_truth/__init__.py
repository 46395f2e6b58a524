"""Ground truth: what really happened after predictions. It arrives days later, and gives the quality of the model."""
