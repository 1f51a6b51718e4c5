"""Shelf: one editor a file, found by listing this folder."""
