"""Path patterns of robots.txt and of what borrows them (TDMRep, Content-Usage, RSL): `*`, a final `$`, else a prefix.

RFC 9309, section 2.2.3. Matching takes one pass over the path for each piece between stars; there is no backtracking.
"""

from urllib.parse import quote, urlsplit

# A longer address or pattern is cut: nobody's rules are about the ten-thousandth character.
MAX_CHARS = 8_192
SAFE = "/:@!&'()+,;=~?*$%[]"


def path_of(url: str) -> str:
    """Path and query of a URL, percent-encoded in one way; `/` where there is none or the URL cannot be read."""
    url = url[:MAX_CHARS].strip().partition("#")[0]
    try:
        parts = urlsplit(url)
    except ValueError:
        return "/"
    path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
    return normal(f"{path}?{parts.query}" if "?" in url else path)


def normal(path: str) -> str:
    """The path with letters, digits and marks as themselves and all else percent-encoded in capitals."""
    pieces = path.split("%")
    out = [quote(pieces[0], safe=SAFE)]
    for piece in pieces[1:]:
        code, rest = piece[:2], piece[2:]
        try:
            char = bytes.fromhex(code).decode("ascii") if len(code) == 2 else ""
        except ValueError:
            char = ""
        plain = char.isalnum() or char in ("-", ".", "_", "~") if char else False
        out.append(char if plain else f"%{code.upper()}")
        out.append(quote(rest, safe=SAFE))
    return "".join(out)


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern covers a path that `path_of` gave. An empty pattern covers nothing."""
    pattern = pattern[:MAX_CHARS]
    if not pattern:
        return False
    ends = pattern.endswith("$")
    first, *rest = normal(pattern.removesuffix("$")).split("*")
    if not path.startswith(first):
        return False
    if not rest:
        return path == first if ends else True
    at = len(first)
    for piece in rest[:-1]:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    last = rest[-1]
    if ends:
        return len(path) - len(last) >= at and path.endswith(last)
    return path.find(last, at) >= 0
