"""Value types of the settings, their checks, and the error types. Knows no settings model."""
