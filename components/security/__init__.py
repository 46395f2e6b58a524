"""Encryption keys and the security settings that every account gets.

Detection is in `components.audit`, permissions are in `components.identity`.
"""
