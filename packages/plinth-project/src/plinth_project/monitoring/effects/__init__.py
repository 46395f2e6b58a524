"""What a report leads to: metrics, events, and predictions that are stopped."""
