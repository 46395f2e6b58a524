"""What people do with monitoring: they read comparisons, join ground truth, curate captures and stop predictions."""
