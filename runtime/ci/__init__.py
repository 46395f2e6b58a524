"""The program of a runner of continuous integration in the cluster: it reads the runner's token, writes the
configuration of GitLab Runner and runs it. Its image has Python, boto3 and the program ``gitlab-runner``.
"""
