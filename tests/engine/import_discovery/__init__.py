"""Tests of import discovery on every resource type that the sandbox's provider knows."""
