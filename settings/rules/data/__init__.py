"""Rules across fields and files about datasets, feature groups, intakes, data APIs and Glue steps."""
