"""Emulator patches for Athena, Glue, Lake Formation and EMR Serverless."""
