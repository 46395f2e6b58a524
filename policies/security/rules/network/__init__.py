"""Rules about VPCs, endpoints, egress and EC2 instances."""
