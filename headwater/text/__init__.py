"""Texts as the compiled loops read them: UTF-8 buffers, kinds of characters, words. Shared by all shelves."""
