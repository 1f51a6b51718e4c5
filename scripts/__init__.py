"""Runnables that are neither library nor project."""
