"""English words as spaCy 3.8 has them (https://spacy.io/usage/linguistic-features#how-tokenizer-works), compiled.

A piece of text without white space loses prefixes and suffixes from both ends until a word with rules of its own is
left or nothing more comes off. What is left is one word if it has such rules or is a web address; else it is cut at its
infixes. At last, neighbours that spell a word with rules of its own become that word. spaCy looks for each affix anew
in all that is left, which takes quadratic time in runs of punctuation; here each end is only looked at where it is.

Not followed: spaCy also looks for such neighbours across a single space. That never joins words, but a spelling found
there can keep a shorter one beside it, such as a smile, from being joined.
"""

from functools import cache

import numpy as np

from headwater.text._english_tables import (
    AFFIXES,
    AFTER_DIGIT,
    BEFORE_DOT,
    CURRENCY,
    DIGIT,
    EDGES,
    FIRST,
    ICON,
    INSIDE,
    JOINTS,
    LAST,
    LETTER,
    LINK,
    LONGEST,
    LONGEST_UNIT,
    LOWER,
    PIECES,
    PREFIX,
    PRIME,
    QUOTE,
    SIGN,
    SLOTS,
    SUFFIX,
    UPPER,
    WORDS,
    Table,
    entries,
    table,
)
from headwater.text._web_address import is_web_address
from headwater.text.kernels import DOT, Bytes, Ints, compiled, is_mark, lean, look

PLUS, COMMA, HYPHEN, TILDE, APOSTROPHE, DOLLAR = (ord(character) for character in "+,-~'$")
EN_DASH, EM_DASH, RIGHT_QUOTE, ELLIPSIS = 0x93, 0x94, 0x99, 0xA6  # last bytes of these, after E2 80
BEYOND_ASCII = 0xFFFF ^ LETTER  # what a byte of other characters may stand for


@cache
def english() -> Table:
    """The rules that `split_english` reads. Read-only."""
    bare = table({}, {})
    words, affixes = {}, {}
    for word, pieces in entries().items():
        data = np.frombuffer(word.encode(), np.uint8)
        cuts = np.empty(len(data), np.int32)
        count = split_english(data, 0, len(data), bare, cuts)
        ends = np.cumsum([len(piece.encode()) for piece in pieces])
        words[word] = sum(1 << int(end) - 1 for end in ends)
        affixes[word] = sum(1 << int(end) - 1 for end in cuts[:count]) if count > 1 else 0
    return table(words, affixes)


@lean
def split_english(data: Bytes, start: int, stop: int, rules: Table, cuts: Ints) -> int:
    """Split data[start:stop], UTF-8 without white space; returns how many words, and fills the byte where each ends.

    The words lie end to end from start to stop. `rules` is `english()`; `cuts` must have room for stop - start numbers,
    and anything may be left in those beyond the words.
    """
    seen, common = 0, LETTER
    for at in range(start, stop):
        byte = data[np.uint64(at)]
        flag = int(rules[byte]) if byte < 0x80 else BEYOND_ASCII
        seen |= flag
        common &= flag
    if common:
        return spell(start, stop, whole(data, start, stop, rules), rules, cuts, 0) if start < stop else 0
    low, high, count, behind, node = start, stop, 0, stop - start, 0
    while low < high:
        node = whole(data, low, high, rules)
        if node:
            break
        before = prefix(data, low, high, rules)
        inner = low + before
        if before and whole(data, inner, high, rules):
            after = 0
        else:
            after = suffix(data, inner, high, rules, seen)
            if after and whole(data, low, high - after, rules):
                before = 0
        if before + after == 0:
            break
        if before:
            low += before
            cuts[count] = low
            count += 1
        if after:
            behind -= 1
            cuts[behind] = high
            high -= after
    if node or (low < high and not seen & INSIDE):
        count = spell(low, high, node, rules, cuts, count)
    elif low < high:
        count = cut_infixes(data, low, high, rules, cuts, count)
    for k in range(behind, stop - start):
        cuts[count] = cuts[k]
        count += 1
    return rejoin(data, start, cuts, count, rules)


@lean
def child(node: int, byte: int, rules: Table) -> int:
    """The node after this byte, 0 if there is none."""
    key = node << 8 | byte
    at = np.uint64(key * PRIME >> 9 & SLOTS - 1)
    while rules[np.uint64(EDGES) + np.uint64(2) * at]:
        if rules[np.uint64(EDGES) + np.uint64(2) * at] == key:
            return int(rules[np.uint64(EDGES + 1) + np.uint64(2) * at])
        at = at + np.uint64(1) & np.uint64(SLOTS - 1)
    return 0


@lean
def follow(data: Bytes, start: int, stop: int, node: int, rules: Table) -> int:
    """The node after these bytes, 0 if there is none."""
    for at in range(start, stop):
        node = child(node, int(data[np.uint64(at)]), rules)
        if not node:
            break
    return node


@lean
def whole(data: Bytes, start: int, stop: int, rules: Table) -> int:
    """The node of the word with rules of its own that this is, 0 if it is none."""
    length = stop - start
    if not 0 < length <= LONGEST:
        return 0
    if not (rules[FIRST + data[start]] & rules[LAST + data[stop - 1]]) >> (length - 1) & 1:
        return 0
    node = follow(data, start, stop, WORDS, rules)
    return node if rules[PIECES + node] else 0


@lean
def spell(start: int, stop: int, node: int, rules: Table, cuts: Ints, count: int) -> int:
    """Add the pieces of a word: those that the node says, or one."""
    if node:
        for k in range(stop - start - 1):
            if rules[PIECES + node] >> k & 1:
                cuts[count] = start + k + 1
                count += 1
    cuts[count] = stop
    return count + 1


@lean
def run_of_dots(data: Bytes, at: int, stop: int) -> int:
    """How many full stops begin here."""
    dots = 0
    while at + dots < stop and data[at + dots] == DOT:
        dots += 1
    return dots


@lean
def prefix(data: Bytes, start: int, stop: int, rules: Table) -> int:
    """Bytes to cut off at the beginning."""
    byte = data[start]
    if byte == DOT:
        dots = run_of_dots(data, start, stop)
        return dots if dots > 1 else 0
    if byte == PLUS:
        return 0 if start + 1 < stop and rules[data[start + 1]] & DIGIT else 1
    flag, width = look(data, start, stop, rules)
    if flag & PREFIX:
        return width
    dollar = start + 1
    if byte == 85 and dollar < stop and data[dollar] == 83:  # U, S
        dollar += 1
    elif byte != 65 and byte != 67:  # A, C
        return 0
    return dollar + 1 - start if dollar < stop and data[dollar] == DOLLAR else 0


@lean
def before(data: Bytes, start: int, at: int, rules: Table) -> tuple[int, int]:
    """Flags and width in bytes of the character that ends at `at`, none at the start."""
    begin = at
    while begin > start:
        begin -= 1
        if data[begin] & 0xC0 != 0x80:
            return look(data, begin, at, rules)
    return 0, 0


@lean
def suffix(data: Bytes, start: int, stop: int, rules: Table, seen: int) -> int:
    """Bytes to cut off at the end."""
    flag, width = before(data, start, stop, rules)
    if width == 0:
        return 0
    at = stop - width
    byte = data[at]
    last, wide = before(data, start, at, rules)
    if byte == DOT:
        return dots_behind(data, start, at, last, wide, rules)
    if byte == 83 or byte == 115:  # S, s
        if last & QUOTE and (data[at - 1] == APOSTROPHE or is_mark(data, at - wide, at, RIGHT_QUOTE)):
            return width + wide
    elif is_mark(data, at, stop, ELLIPSIS) and is_mark(data, at - wide, at, ELLIPSIS):
        return width + wide
    if flag & SUFFIX or (last & DIGIT and (flag & CURRENCY or byte == PLUS)):
        return width
    if not seen & DIGIT:
        return 0
    digit = at
    while digit > start and stop - digit < LONGEST_UNIT and not rules[data[digit - 1]] & DIGIT:
        digit -= 1
    if digit == start or not rules[data[digit - 1]] & DIGIT:
        return 0
    return stop - digit if rules[PIECES + follow(data, digit, stop, AFTER_DIGIT, rules)] else 0


@lean
def dots_behind(data: Bytes, start: int, at: int, last: int, wide: int, rules: Table) -> int:
    """Bytes to cut off at an end that is a full stop at `at`, after a character."""
    if wide and data[at - 1] == DOT:
        first = at
        while first > start and data[first - 1] == DOT:
            first -= 1
        return at + 1 - first
    if last & BEFORE_DOT:
        return 1
    if last & UPPER:
        second, width = before(data, start, at - wide, rules)
        degree = width == 2 and data[at - wide - 1] == 0xB0 and data[at - wide - 2] == 0xC2
        return int(second & UPPER != 0 or (degree and (data[at - 1] == 67 or data[at - 1] == 70 or data[at - 1] == 75)))
    return 0


@lean
def cut_infixes(data: Bytes, start: int, stop: int, rules: Table, cuts: Ints, count: int) -> int:
    """Add the words of what has no affixes left."""
    first, at, begin, last = count, start, start, 0
    while at < stop:
        byte = data[np.uint64(at)]
        if byte < 0x80:
            flag, width = int(rules[byte]), 1
        else:
            flag, width = look(data, at, stop, rules)
        found = infix(data, at, stop, last, flag, width, rules) if flag & INSIDE else 0
        if found and at > start:
            if at > begin:
                cuts[count] = at
                count += 1
            begin = cuts[count] = at + found
            count += 1
        if found > width:
            flag, width = before(data, at, at + found, rules)[0], found
        at += width
        last = flag
    if count > first and is_web_address(data, start, stop, rules):
        count, begin = first, start
    if begin < stop:
        cuts[count] = stop
        count += 1
    return count


@lean
def infix(data: Bytes, at: int, stop: int, last: int, flag: int, width: int, rules: Table) -> int:
    """Bytes of the infix that begins here, after a character with the flags `last`."""
    byte = data[at]
    if flag & ICON or is_mark(data, at, stop, ELLIPSIS):
        return width
    after = at + width
    following = look(data, after, stop, rules)[0] if after < stop else 0
    if byte == DOT:
        dots = run_of_dots(data, at, stop)
        if dots > 1:
            return dots
        return int(last & (LOWER | QUOTE) != 0 and following & (UPPER | QUOTE) != 0)
    if flag & SIGN and last & DIGIT and (following & DIGIT or (after < stop and data[after] == HYPHEN)):
        return 1
    if byte == COMMA:
        return int(last & LETTER != 0 and following & LETTER != 0)
    if not last & (LETTER | DIGIT):
        return 0
    if flag & LINK:
        return int(following & LETTER != 0)
    return dashes(data, at, stop, following, width, rules)


@lean
def dashes(data: Bytes, at: int, stop: int, following: int, width: int, rules: Table) -> int:
    """Bytes of the dashes here that a letter follows: up to 3 hyphens or 2 em dashes, 1 en dash or tilde."""
    byte = data[at]
    em_dash = is_mark(data, at, stop, EM_DASH)
    if not (byte in (HYPHEN, TILDE) or em_dash or is_mark(data, at, stop, EN_DASH)):
        return 0
    if following & LETTER:
        return width
    most = 3 if byte == HYPHEN else 2 if em_dash else 1
    end, dash = at + width, 1
    while dash < most and end < stop and (is_mark(data, end, stop, EM_DASH) if em_dash else data[end] == HYPHEN):
        end += width
        dash += 1
        if end < stop and look(data, end, stop, rules)[0] & LETTER:
            return end - at
    return 0


@lean
def spellings(data: Bytes, begin: int, word: int, cuts: Ints, count: int, rules: Table) -> tuple[int, bool]:
    """Which numbers of words from `word` on, as bits, spell a word with rules of its own; whether that changes one."""
    node, at, length, bits, made, changed = WORDS, begin, 0, 0, 0, False
    while word + length < count and cuts[word + length] - begin <= LONGEST:
        end = cuts[word + length]
        node = follow(data, at, end, node, rules)
        if not node:
            break
        made |= 1 << end - begin - 1
        at = end
        length += 1
        if rules[AFFIXES + node] == made:
            bits |= 1 << length
            changed |= rules[PIECES + node] != made
    return bits, changed


@lean
def rejoin(data: Bytes, start: int, cuts: Ints, count: int, rules: Table) -> int:
    """Give neighbours that spell a word with rules of its own its pieces; returns how many words there are then."""
    for word in range(count - 1):
        joint = int(data[cuts[word] - 1]) << 8 | int(data[cuts[word]])
        if rules[JOINTS + (joint >> 5)] >> (joint & 31) & 1:
            begin = cuts[word - 1] if word else start
            if spellings(data, begin, word, cuts, count, rules)[1]:
                return respell(data, start, cuts, count, rules)
    return count


@compiled
def respell(data: Bytes, start: int, cuts: Ints, count: int, rules: Table) -> int:
    """Rejoin the longest spellings first, then the leftmost. One that overlaps another is left and keeps others out."""
    old = cuts[:count].copy()
    bits, seen, joined = np.zeros(count, np.int64), np.zeros(count, np.bool_), np.zeros(count, np.int64)
    begin = start
    for word in range(count):
        bits[word] = spellings(data, begin, word, old, count, rules)[0]
        begin = old[word]
    for length in range(LONGEST, 0, -1):
        for word in range(count):
            if bits[word] >> length & 1:
                if not (seen[word] or seen[word + length - 1]):
                    joined[word] = length
                seen[word : word + length] = True
    begin, word, made = start, 0, 0
    while word < count:
        end = old[word + max(1, joined[word]) - 1]
        node = follow(data, begin, end, WORDS, rules) if joined[word] else 0
        made = spell(begin, end, node, rules, cuts, made)
        begin, word = end, word + max(1, joined[word])
    return made
