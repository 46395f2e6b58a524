"""Pulumi policy packs. They import the settings, and no component or stack that they check."""
