"""Schemes: what a member's errors change for the next one."""
