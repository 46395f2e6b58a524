"""The process that answers AWS API calls for many accounts: HTTP server, journal and layers. Pulumi does not belong
here."""
