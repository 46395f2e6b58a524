"""Amazon EventBridge, with its pipes and schedules."""
