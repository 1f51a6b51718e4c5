"""Shelf: one eval a file, found by listing this folder."""
