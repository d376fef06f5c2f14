"""Running it for real: backups and their restoring, the doctor, the clocks of retention.

Depends on every room; nothing but the command line depends on it.
"""
