"""Rules of EKS clusters, their nodes, and the AWS identities of pods."""
