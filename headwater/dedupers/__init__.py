"""Shelf: one deduper a file, found by listing this folder."""
