"""Shelf: one extractor a file, found by listing this folder."""
