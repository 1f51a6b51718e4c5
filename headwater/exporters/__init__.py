"""Shelf: one exporter a file, found by listing this folder."""
