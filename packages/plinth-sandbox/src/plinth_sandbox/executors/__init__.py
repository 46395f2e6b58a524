"""What was provisioned is really run: each package is a program that the emulated AWS starts."""
