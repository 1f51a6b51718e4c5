"""Shelf: one signal a file, found by listing this folder."""
