"""Code that emulator patches share. A patch, a function that corrects an answer of moto that differs from AWS, belongs
in ``services``, and general behaviour in ``layers`` or ``store``."""
