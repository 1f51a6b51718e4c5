"""Texts to vectors, for dedupers that compare what texts mean."""
