"""The host of an address as lists name it: small ASCII letters (xn--), no user, no port, no dot of the root.

Source: RFC 3986 for the parts of an address, RFC 3490 for names in other letters.
"""

import pyarrow as pa
import pyarrow.compute as pc

# A browser takes a backslash for a slash. RE2, so that no pattern backtracks.
HOST = r"^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#\\]*@)?(?P<host>\[[^\]/?#\\]*\]|[^/?#\\:]*)"


def hosts(urls: pa.Array) -> pa.Array:
    """The host of each address, '' where there is none. `urls` has no nulls."""
    found = pc.struct_field(pc.extract_regex(urls, HOST), 0).fill_null("")
    # The cast keeps the type where there is no row.
    found = pc.utf8_rtrim(pc.ascii_lower(found.cast(urls.type)), ".")
    if pc.all(pc.string_is_ascii(found), min_count=0).as_py():
        return found
    return pa.array([ascii_host(host) for host in found.to_pylist()], urls.type)


def ascii_host(host: str) -> str:
    """One host in small ASCII letters; one that has no such form stays in its own."""
    host = host.lower().rstrip(".")
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
