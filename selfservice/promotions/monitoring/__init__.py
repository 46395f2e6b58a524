"""Tasks of people in monitoring: they read comparisons, join ground truth, curate captures and stop predictions."""
