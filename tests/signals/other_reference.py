"""The signals of kinds of lines, entropy, compression, addresses and bad words in plain Python, written for reading."""

import math
import re
import unicodedata
from collections import Counter
from itertools import pairwise

from headwater.signals.line_kinds import LATEX
from headwater.signals.toxicity import EVERYDAY, LISTS, WITHOUT_BORDERS
from headwater.text.characters import CLOSERS, terminals

MARKS = {chr(point) for point in terminals()}
COMMANDS = set(LATEX.split())
POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")


def share(part, whole):
    return part / whole if whole else 0.0


def small(text):
    """Lower case of ASCII letters alone."""
    return "".join(char.lower() if char.isascii() else char for char in text)


def line_kinds(text):
    every = text.split("\n")
    lines = [line for line in every if line.strip()]
    lengths = sorted(map(len, every))
    code = coded(every)
    tables = [t for i, t in enumerate(every) if not code[i] and is_row(t.strip())]
    names = {name for line in lines for name in commands(line)}
    seen, copied = set(), 0
    for line in lines:
        copied += len(line) if line in seen else 0
        seen.add(line)
    return {
        "terminal_line_ratio": share(sum(line[-1] in MARKS for line in lines), len(lines)),
        "short_line_ratio": share(sum(len(line) <= 30 for line in lines), len(lines)),
        "duplicate_char_ratio": share(copied, len(text) - text.count("\n")),
        "newlines": text.count("\n"),
        "sentences": sum(map(sentences, lines)),
        "third_longest_line_chars": lengths[-3] if len(every) > 2 else 0,
        "uppercase_line_ratio": share(sum(2 * sum(c.isupper() for c in t) > len(t) for t in lines), len(lines)),
        "numeric_line_ratio": share(sum(bool(re.fullmatch("[0-9]+", t.strip())) for t in lines), len(lines)),
        "lorem_ipsum": small(text).count("lorem ipsum"),
        "curly_brackets": text.count("{"),
        "javascript_lines": sum("javascript" in small(line) for line in lines),
        "policy_lines": sum(any(phrase in small(line) for phrase in POLICY) for line in lines),
        "code_line_ratio": share(sum(code), len(lines)),
        "table_line_ratio": share(len(tables), len(lines)),
        "math_line_ratio": share(sum(bool(list(commands(line))) for line in lines), len(lines)),
        "latex_command_kinds": len(names),
    }


def is_row(line):
    return len(line) >= 2 and line[0] == line[-1] == "|"


def coded(every):
    """Which lines are code."""
    fence, found = None, []
    for line in every:
        shown = line.strip()
        mark = shown[:3] if shown[:3] in ("```", "~~~") else None
        if mark and fence in (None, mark):
            fence = None if fence else mark
            found.append(True)
        elif not shown:
            found.append(False)
        else:
            indented = line[0] == "\t" or re.match(" {4}", line)
            found.append(fence is not None or bool(indented and re.search(r"[{}();=<>\[\]]", line)))
    return found


def commands(line):
    for name in re.findall(r"\\([A-Za-z]+)", line):
        if name.lower() in COMMANDS:
            yield name.lower()


def sentences(line):
    count = last = 0
    for at, char in enumerate(line):
        if char in MARKS:
            end = sentence_end(line, at)
            count, last = (count + 1, end) if end is not None else (count, last)
    return count + bool(line[last:].strip())


def sentence_end(line, at):
    after = at + 1
    while after < len(line) and line[after] in CLOSERS:
        after += 1
    if after < len(line) and line[after] in MARKS:
        return None
    if after == len(line) or not line[at].isascii():
        return after
    if not line[after].isspace():
        return None
    rest = line[after:].lstrip(" \t")
    if line[at] != "." or not rest:
        return after
    initial = re.search(r"(?<![0-9A-Za-z\u0080-\U0010ffff])[A-Z]$", line[:at])
    return None if re.match("[a-z]", rest) or initial else after


def entropy(text):
    """To within what rounding of the gains may do."""
    pairs = Counter(pairwise(text))
    n = sum(pairs.values())
    return {"char_2_gram_entropy": -sum(c / n * math.log2(c / n) for c in pairs.values()) if n else 0.0}


def parsed(data):
    """The parse of compression.py: literals as bytes, copies as (distance, length)."""
    table, parts, literal, at, misses = {}, [], 0, 0, 0
    while at + 4 <= len(data):
        place = int.from_bytes(data[at : at + 4], "little") * 2654435761 % 2**32 >> 20
        earlier, table[place] = table.get(place), at
        if earlier is None or at - earlier > 65535 or data[earlier : earlier + 4] != data[at : at + 4]:
            at += 1 + misses // 64
            misses += 1
            continue
        length = 4
        while at + length < len(data) and data[earlier + length] == data[at + length]:
            length += 1
        parts += [data[literal:at], (at - earlier, length)]
        at = literal = at + length
        misses = 0
    return [*parts, data[literal:]]


def more(length):
    return 0 if length < 15 else 1 + (length - 15) // 255


def compression(text):
    data = text.encode("utf-8")
    *parts, last = parsed(data)
    literals, copies = [len(p) for p in parts[::2]], [length for _, length in parts[1::2]]
    size = sum(3 + n + more(n) for n in literals) + sum(more(n - 4) for n in copies)
    size += 1 + len(last) + more(len(last)) if last else 0
    return {"compression_ratio": min(share(size, len(data)), 1.0)}


def url(address):
    whole, _, _ = address.partition("#")
    scheme, there, rest = whole.partition("://")
    if not there or re.search("[/?#]", scheme):
        host, rest = "", whole
    else:
        host = re.match("[^/?]*", rest)[0]
        rest = rest[len(host) :]
    path, _, query = rest.partition("?")
    name = host.rpartition("@")[2]
    labels = ["["] if name.startswith("[") else [part for part in name.partition(":")[0].split(".") if part]
    return {
        "url_chars": len(address),
        "url_depth": sum(bool(part) for part in path.split("/")),
        "url_digit_ratio": share(sum(c in "0123456789" for c in address), len(address)),
        "url_parameters": sum(bool(part) for part in re.split("[&;]", query)),
        "url_host_labels": len(labels),
    }


def is_word(char):
    # A zero width space divides; other format characters are part of what they stand in.
    category = unicodedata.category(char)
    return char == "_" or category[0] in "LNM" or (category == "Cf" and char != "\u200b")


def found(text, phrases, whole):
    """Places where a phrase stands, and the different phrases."""
    text = lowered(text)
    places, kinds = set(), set()
    for phrase in {lowered(p) for p in phrases if p}:
        for at in (m.start() for m in re.finditer(f"(?={re.escape(phrase)})", text)):
            end = at + len(phrase)
            before, after = at > 0 and is_word(text[at - 1]), end < len(text) and is_word(text[end])
            if not (whole and (before or after)):
                places.add(at)
                kinds.add(phrase)
    return len(places), len(kinds)


def lowered(text):
    """Lower case character by character, where it is one character."""
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def toxicity(text, language):
    file = LISTS / f"{language}.txt"
    entries = {line.strip() for line in file.read_text("utf-8").split("\n")} - EVERYDAY.get(language, set())
    places, kinds = found(text, entries, language not in WITHOUT_BORDERS)
    return {"bad_words": places, "bad_word_kinds": kinds, "bad_word_list": 1}
