"""How the promotion runs code of the deployment repository: the project and the policies of its Pulumi program, and its
environment variables. What is promoted is not here."""
