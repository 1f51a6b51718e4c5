"""MinHash keys and shingle Jaccard in plain Python, written from the description in `headwater/dedupers`."""

import re
from functools import cache
from unicodedata import category, normalize

U64 = (1 << 64) - 1
BASIS, RADIX = 0xCBF29CE484222325, 0x9E3779B97F4A7C15
NO_SPACES = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U0001b000-\U0001b16f\U00020000-\U0003ffff])"
)


@cache
def character(char):
    """What one character becomes: nothing, a space, a character, or a word of its own between spaces."""
    code, kind = ord(char), category(char)
    if kind == "Nd":
        return "0"
    if kind in ("Mn", "Me", "Cf") or 0xE0000 <= code < 0xE1000:
        return ""
    ideograph = 0x20000 <= code < 0x2F800 or 0x30000 <= code < 0x40000  # whether or not assigned
    if kind[0] not in "LMN" and not ideograph:
        return " "
    return NO_SPACES.sub(r" \1 ", bare(char))


def bare(char):
    """Folded and without marks, where that leaves one character; else the character."""
    for form in (char.casefold(), char.lower()):
        left = [c for c in normalize("NFD", form) if category(c) != "Mn"]
        if len(left) == 1:
            return left[0]
    return char


def words(text):
    return re.sub("0+", "0", "".join(map(character, text))).split(" ")


@cache
def encoded(char):
    """ASCII as a byte, anything else as three of seven bits each."""
    code = ord(char)
    return bytes([code] if code < 0x80 else [0x80 | code >> 14, 0x80 | code >> 7 & 0x7F, 0x80 | code & 0x7F])


def word_hashes(text):
    hashes = []
    for word in filter(None, words(text)):
        data, value = b"".join(map(encoded, word)), BASIS
        for at in range(0, len(data) + 1, 8):
            value = (value ^ int.from_bytes(data[at : at + 8], "little")) * RADIX & U64
            value ^= value >> 32
        hashes.append(value)
    return hashes


def mix(value):
    value ^= value >> 33
    value = value * 0xFF51AFD7ED558CCD & U64
    value ^= value >> 33
    value = value * 0xC4CEB9FE1A85EC53 & U64
    return value ^ (value >> 33)


def character_hashes(text):
    """Words of one character are none here: those of unspaced scripts stand as they are written."""
    joined = "".join(became.strip() if len(became) == 3 else became for became in map(character, text))
    plain = " ".join(filter(None, re.sub("0+", "0", joined).split(" ")))
    return [mix((0 if char == " " else int.from_bytes(encoded(char), "big")) + 1) for char in plain]


def shingles(text, size):
    """Of `size` words, of `-size` characters where it is negative."""
    hashes, result = word_hashes(text) if size > 0 else character_hashes(text), []
    size = abs(size)
    for i in range(len(hashes) - size + 1):
        value = 0
        for word in hashes[i : i + size]:
            value = (value * RADIX + word) & U64
        result.append(mix(value))
    return result


def split_mix(seed, i):
    z = (seed + i * 0x9E3779B97F4A7C15) & U64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & U64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & U64
    return z ^ (z >> 31)


def band_keys(text, size, bands, rows, seed):
    """The keys of a text, signed, or None where it has no shingle."""
    lows = [s & 0xFFFFFFFF for s in shingles(text, size)]
    if not lows:
        return None
    keys = []
    for band in range(bands):
        key = RADIX
        for p in range(band * rows, (band + 1) * rows):
            number = split_mix(seed, p + 1)
            a, b = (number >> 32) | 1, number & 0xFFFFFFFF
            key = mix(key ^ min((a * x + b) & 0xFFFFFFFF for x in lows))
        keys.append(key - (1 << 64) if key >> 63 else key)
    return keys


def jaccard(left, right, size):
    ours, theirs = set(shingles(left, size)), set(shingles(right, size))
    return len(ours & theirs) / len(ours | theirs) if ours and theirs else 0.0
