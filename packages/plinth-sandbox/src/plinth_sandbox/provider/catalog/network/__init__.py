"""Catalog entries for VPC, Route 53 and Network Firewall."""
