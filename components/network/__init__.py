"""VPCs, VPC endpoints, DNS filtering, security groups and internet egress of one account.

Connections between accounts are in `transit`.
"""
