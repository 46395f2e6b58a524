"""The tests of moto that its authors verified against AWS, run against the sandbox."""
