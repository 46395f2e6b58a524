"""The programs of the MLflow tracking server in the cluster: the preparation of its database, the server with the
authentication of its clients, and the tokens of clients. Only these modules may import MLflow, which the image has and
Plinth's own environment does not.
"""
