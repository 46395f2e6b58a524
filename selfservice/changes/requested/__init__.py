"""What people may request of the platform team, as models: the text of a request is read and validated here."""
