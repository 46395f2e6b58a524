"""Runners in the cluster, with GitLab Runner itself, in front of a small GitLab that runs as a pod."""
