"""AWS Network Firewall."""
