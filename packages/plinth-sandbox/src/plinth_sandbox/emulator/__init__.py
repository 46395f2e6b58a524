"""The process that answers AWS API calls for many accounts: HTTP server, journal, layers, and a folder for each
service. Pulumi does not belong here."""
