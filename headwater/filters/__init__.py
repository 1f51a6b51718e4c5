"""Shelf: one filter a file, found by listing this folder."""
