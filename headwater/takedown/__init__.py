"""Removing documents everywhere, provably: a request, what it matches, the rewriting, and a certificate.

`request` writes down who asked for what; `resolve` finds the documents and leaves hashes of them; `rewrite` replaces
rows and token shards; `sweep` deletes every file that may still hold them; `traces` searches all bytes of the lake;
`certificate` says it all; `apply` is the order of these. Nothing of a removed text is stored, only hashes.
"""

# Bytes of a window that is searched for.
WINDOW = 48
