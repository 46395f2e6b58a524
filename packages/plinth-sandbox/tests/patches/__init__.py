"""Tests of emulator patches, with boto3 against one emulator."""
