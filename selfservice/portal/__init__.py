"""The portal: self-service in a browser.

It offers what the command line offers, with the credentials of whoever has signed in. It decides nothing: IAM and the
functions that the command line calls, too, do. Nothing about a request is kept here, so a stopped portal loses nothing.
"""
