"""Rules across fields and files. Each rule yields faults with their file and field."""
