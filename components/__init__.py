"""Pulumi components and the policies they need, one package per concern.

They take plain values and outputs; they know neither stacks nor settings files, and create no providers.
"""
