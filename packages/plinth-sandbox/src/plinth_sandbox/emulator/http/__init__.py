"""The HTTP server of the emulator: connections, TLS and the proxy. What is answered is not here."""
