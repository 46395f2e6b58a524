"""What no single field can say: rules across fields and files. Each yields faults, with the file and the field."""
