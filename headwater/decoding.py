"""Bytes of a page to text: strict UTF-8 first, then what the page says, then what the bytes look like."""

from dataclasses import dataclass

# A page where more than this share of characters could not be decoded is not text in the charset found.
MAX_REPLACED = 0.05


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded page. `replaced` is the share of characters that could not be decoded."""

    text: str
    charset: str
    replaced: float


def decode(data: bytes, declared: str | None) -> Decoded:
    """The text of a page whose HTTP header declares a charset, or None.

    Bytes that are valid UTF-8 are UTF-8 whatever was declared: other encodings hardly ever are by accident, and this
    saves the search. ISO-2022 escapes are plain ASCII bytes and so are looked at first.
    """
    if b"\x1b" not in data:
        try:
            return Decoded(data.removeprefix(b"\xef\xbb\xbf").decode("utf-8"), "utf-8", 0.0)
        except UnicodeDecodeError:
            return _decode_other(data, declared)
    return _decode_other(data, declared)


def _decode_other(data: bytes, declared: str | None) -> Decoded:
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding, map_encoding_to_html5

    detected = detect_encoding(data, from_html_meta=True)
    names = [name for name in (declared, detected) if name]
    candidates = [c for c in (map_encoding_to_html5(name, fallback_utf8=False) for name in names) if c]
    tried = [Decoded("", "unknown", 1.0)]
    for charset in dict.fromkeys([*candidates, "utf-8"]):
        text = bytes_to_str(data, charset, errors="replace", fallback_encodings=())
        found = Decoded(text, charset, text.count("\ufffd") / len(text) if text else 0.0)
        if found.replaced == 0.0:
            return found
        tried.append(found)
    return min(tried, key=lambda d: d.replaced)
