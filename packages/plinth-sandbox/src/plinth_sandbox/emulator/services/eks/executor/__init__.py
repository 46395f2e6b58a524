"""Amazon EKS: the control planes that run for clusters, and who may enter them."""
