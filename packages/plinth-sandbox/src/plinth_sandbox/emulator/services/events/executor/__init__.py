"""EventBridge: events, the rules that they match, and their delivery to targets. Other services only publish."""
