"""Whether a word is a web address, as spaCy 3.8 has it: one pattern, here decided in one pass without going back.

The pattern is Diego Perini's (https://gist.github.com/dperini/729294) with spaCy's changes: optional scheme, anything
before an at sign, a public IPv4 address or labels and a top-level domain in lower case, optional port, anything after
a slash, question mark or hash sign. None of the characters that end a host can be in it, so each place where a host may
begin is followed once, and these stretches do not overlap.
"""

from headwater.text._english_tables import DECIMAL, HOST, LOWER, WORD, Table
from headwater.text.kernels import Bytes, lean, look

AT, COLON, SLASH, QUESTION, HASH, DOT, HYPHEN, LOW_LINE, PLUS = (ord(character) for character in "@:/?#.-_+")
FIRST, MIDDLE, LAST = range(3)
OTHER_DIGIT = 10


@lean
def is_web_address(data: Bytes, start: int, stop: int, rules: Table) -> bool:
    """Whether data[start:stop], which has no white space, is one as a whole."""
    if host_at(data, start, stop, rules):
        return True
    after = after_scheme(data, start, stop, rules)
    if after > start and host_at(data, after, stop, rules):
        return True
    at = start + 1
    while at < stop and not (data[at] == AT and host_at(data, at + 1, stop, rules)):
        at += 1
    return at < stop


@lean
def after_scheme(data: Bytes, start: int, stop: int, rules: Table) -> int:
    """Where `name://` ends, or the start if there is none."""
    at, characters = start, 0
    while at < stop:
        byte = data[at]
        if byte == COLON:
            found = characters >= 2 and at + 3 <= stop and data[at + 1] == SLASH and data[at + 2] == SLASH
            return at + 3 if found else start
        flag, width = look(data, at, stop, rules)
        if not (flag & WORD or byte in (PLUS, HYPHEN, DOT)):
            return start
        at += width
        characters += 1
    return start


@lean
def host_at(data: Bytes, start: int, stop: int, rules: Table) -> bool:
    """Whether an address or a domain begins here and nothing follows it but a port and a path."""
    after = after_address(data, start, stop, rules)
    if after < 0 or not ends(data, after, stop, rules):
        after = after_domain(data, start, stop, rules)
        return after >= 0 and ends(data, after, stop, rules)
    return True


@lean
def ends(data: Bytes, at: int, stop: int, rules: Table) -> bool:
    """Whether a host may end here."""
    if at < stop and data[at] == COLON:
        at += 1
        digits = 0
        while at < stop:
            flag, width = look(data, at, stop, rules)
            if not flag & DECIMAL:
                break
            at += width
            digits += 1
        if not 2 <= digits <= 5:
            return False
    return at == stop or data[at] == SLASH or data[at] == QUESTION or data[at] == HASH


@lean
def after_domain(data: Bytes, at: int, stop: int, rules: Table) -> int:
    """Where labels of 1..64 characters and a top-level domain of 2..63 lower-case letters end, or -1."""
    labels, characters, label, lower, last = 0, 0, True, True, False
    while at < stop:
        byte = data[at]
        flag, width = look(data, at, stop, rules)
        if byte == DOT:
            if not (label and last and 1 <= characters <= 64):
                return -1
            labels, characters, label, lower, last = labels + 1, 0, True, True, False
        elif flag & (HOST | LOWER) or byte in (HYPHEN, LOW_LINE):
            last = flag & HOST != 0
            label = label and (last or (characters > 0 and not flag & LOWER))
            lower = lower and flag & LOWER != 0
            characters += 1
        else:
            break
        at += width
    return at if labels and lower and 2 <= characters <= 63 else -1


@lean
def after_address(data: Bytes, at: int, stop: int, rules: Table) -> int:
    """Where an IPv4 address ends that is not private, local, multicast or of a network itself, or -1."""
    private = False
    before = -1
    for part in range(4):
        if part:
            if at >= stop or data[at] != DOT:
                return -1
            at += 1
        digits, value, at = octet(data, at, stop, rules)
        if not allowed(digits, value, FIRST if part == 0 else LAST if part == 3 else MIDDLE):
            return -1
        if part == 0:
            before = value
            private = (digits == 2 and value == 0x10) or (digits == 3 and value == 0x127)
        elif part == 1:
            private = private or (before == 0x169 and value == 0x254) or (before == 0x192 and value == 0x168)
            if before == 0x172 and digits == 2:
                tens, ones = value >> 4, value & 15
                private = private or (tens == 1 and 6 <= ones <= 9) or tens == 2 or (tens == 3 and ones <= 1)
    return -1 if private else at


@lean
def octet(data: Bytes, at: int, stop: int, rules: Table) -> tuple[int, int, int]:
    """How many decimal digits, of any script, are here up to four; four bits for each; and where they end."""
    digits, value = 0, 0
    while at < stop and digits < 4:
        flag, width = look(data, at, stop, rules)
        if not flag & DECIMAL:
            break
        value = value << 4 | (int(data[at]) - 48 if width == 1 else OTHER_DIGIT)
        at += width
        digits += 1
    return digits, value, at


@lean
def allowed(digits: int, value: int, place: int) -> bool:
    """Whether an octet may stand at its place. Digits of other scripts count only where any digit would do."""
    first = value >> 4 * (digits - 1) & 15 if digits else 0
    if digits == 1 or digits == 2:
        return place == MIDDLE or 1 <= first <= 9
    if digits != 3 or first == 1:
        return digits == 3
    second, third = value >> 4 & 15, value & 15
    if first != 2:
        return False
    if place == FIRST:
        return second <= 1 or (second == 2 and third <= 3)
    return second <= 4 or (second == 5 and third <= (5 if place == MIDDLE else 4))
