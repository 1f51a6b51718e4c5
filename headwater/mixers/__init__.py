"""Shelf: one mixer a file, found by listing this folder."""
