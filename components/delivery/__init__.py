"""Delivery of a use case: its repositories, its build project, and the events that start builds."""
