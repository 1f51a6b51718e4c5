"""The editors in plain Python, written for reading: what the compiled kernels must leave of a text.

Where a peer looks once for what can appear anew, these look until nothing is left, as the editors do.
"""

import re
from functools import cache

from headwater.text.domains import top_level_domains


def until_settled(step, text):
    while (after := step(text)) != text:
        text = after
    return text


def joined(lines):
    return "\n".join(lines)


def collapse_newlines(text, max_newlines=2):
    return re.sub(rf"\n{{{max_newlines + 1},}}", "\n" * max_newlines, text)


CITATION = re.compile(r"\[\d*\]|\[edit\]|\[citation needed\]")


def remove_citations(text):
    return until_settled(lambda t: CITATION.sub("", t), text)


COUNTER = re.compile(
    r"\W*\d[,.\d]*[kmb]?\s+"
    r"(likes|shares|comments|retweets|reposts|quotes|bookmarks|upvotes|downvotes|downloads|views|followers)\W*"
)


def refinedweb_lines(text, max_upper_ratio=0.5, max_digit_ratio=0.999999, counters=True, min_words=2):
    def stays(line):
        if not line:
            return True
        if max_upper_ratio is not None and sum(c.isupper() for c in line) / len(line) > max_upper_ratio:
            return False
        if max_digit_ratio is not None and sum(c.isdigit() for c in line) / len(line) > max_digit_ratio:
            return False
        if counters and COUNTER.fullmatch(line.lower()):
            return False
        return min_words is None or len(line.split()) >= min_words

    return joined(line for line in text.split("\n") if stays(line))


PHRASES = (
    re.compile(r"\s?items in cart", re.IGNORECASE),
    re.compile(r"\s?read more...\Z", re.IGNORECASE),
    re.compile(r"\Asign-in\s?", re.IGNORECASE),
)


def refinedweb_phrases(text, max_words=10, on=(True, True, True)):
    def cleaned(line, pattern):
        if not line or len(line.split()) > max_words:
            return line
        after = until_settled(lambda t: pattern.sub("", t), line)
        return None if not after or after.isspace() else after

    def once(text):
        lines = [None if line.isspace() else line for line in text.split("\n")]
        for pattern in (pattern for pattern, wanted in zip(PHRASES, on, strict=True) if wanted):
            lines = [line and cleaned(line, pattern) for line in lines]
        return joined(line for line in lines if line is not None).strip()

    return until_settled(once, text)


POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
OF_POLICY = re.compile("|".join(POLICY), re.IGNORECASE)


def c4_lines(text, mode="datatrove", max_word_chars=1000, terminal=True, min_words=3, javascript=True, policy=True):
    arguments = (max_word_chars, terminal, min_words, javascript, policy)
    return _c4_dclm(text, *arguments) if mode == "dclm" else _c4_datatrove(text, *arguments)


def _c4_datatrove(text, max_word_chars, terminal, min_words, javascript, policy):
    def stays(line):
        words, read = line.split(), CITATION.sub("", line)
        if max_word_chars is not None and any(len(word) > max_word_chars for word in words):
            return False
        if terminal and (not read.endswith((".", "?", "!", '"', "'")) or read.endswith("...")):
            return False
        if min_words is not None and len(words) < min_words:
            return False
        low = read.lower()
        return not (javascript and "javascript" in low) and not (policy and any(p in low for p in POLICY))

    return joined(line for line in map(str.strip, text.splitlines()) if stays(line)).strip()


def _c4_dclm(text, max_word_chars, terminal, min_words, javascript, policy):
    def stays(line):
        if not line:
            return True
        if max_word_chars is not None and any(len(word) > max_word_chars for word in line.split()):
            return False
        if terminal and (not re.search(r'[.!?"…]\s*$', line) or re.search(r"(\.\.\.|…)\s*$", line)):
            return False
        if min_words is not None and len(line.split()) < min_words:
            return False
        said = javascript and re.search("javascript", line, re.IGNORECASE)
        return not said and not (policy and OF_POLICY.search(line))

    left = joined(line for line in text.split("\n") if stays(line))
    return left.strip() if javascript or policy else left


def dedup_lines(text, granularity="line", normalize=True):
    sign = "\n" if granularity == "line" else "\n\n"
    seen, left = set(), []
    for unit in text.split(sign):
        key = "".join(map(_lower, unit.strip())) if normalize else unit
        if not key or key not in seen:
            left.append(unit)
            seen.add(key)
    return sign.join(left)


def _lower(char):
    return char.lower() if len(char.lower()) == 1 else char


@cache
def url_patterns():
    names = "|".join(sorted(map(re.escape, top_level_domains()), key=len, reverse=True))
    return (
        re.compile(
            rf"\s{{0,10}}(?:(?:https?|ftp)://)?[-a-zA-Z0-9@:%._+~#=]{{1,256}}\.(?:{names})\b[-a-zA-Z0-9()@:%_+.~#?&/=]*"
        ),
        re.compile(
            r"\s{0,10}\b(?:(?:https?|ftp)://)?(?:[0-2]?[0-9]{1,2}\.){3}[0-2]?[0-9]{1,2}[-a-zA-Z0-9()@:%_+.~#?&/=]*"
        ),
        re.compile(names, re.IGNORECASE),
    )


def remove_urls(text, mode="search"):
    url, ip, begins = url_patterns()
    if mode == "search":
        text = _without_urls(text, url)
    elif begins.match(text):
        text = url.sub("", text)
    return ip.sub("", text)


def _without_urls(text, url):
    kept, floor = [], 0
    while match := url.search(text, floor):
        start, stop = match.span()
        while True:
            left = text[floor:start]
            # Only what is near the seam can come to be an address there.
            joined = url.search(left + text[stop : stop + 5000])
            if not joined or joined.start() + len(joined[0]) - len(joined[0].lstrip()) >= len(left):
                break
            start, stop = floor + joined.start(), stop + joined.end() - len(left)
        kept.append(text[floor:start])
        floor = stop
    return "".join([*kept, text[floor:]])
