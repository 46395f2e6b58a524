"""Tests of EventBridge: events reach the targets of their rules, and schedules fire."""
