"""Draws: the rows that a member learns from."""
