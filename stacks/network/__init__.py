"""The stack ``network``: DNS firewall rules and, if endpoints are shared, the network that holds them."""
