"""Emulator patches for VPCs, routes, transit gateways and firewalls."""
