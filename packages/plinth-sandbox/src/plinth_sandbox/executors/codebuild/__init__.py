"""Runs one build of CodeBuild: its source, the phases of its buildspec, its artifacts, reports and log."""
