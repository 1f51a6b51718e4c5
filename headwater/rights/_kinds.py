"""What a place in a page can be in, as the compiled loops number it; apart from them, for they take long to load."""

TEXT, TAG, COMMENT, RAW = 0, 1, 2, 3
# How many of the tags that are open at a place are told, innermost first.
ANCESTORS = 16
