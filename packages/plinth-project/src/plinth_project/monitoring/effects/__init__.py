"""Effects of a report: metrics, events, and predictions that are stopped."""
