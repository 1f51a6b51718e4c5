"""The compiled loop behind url: one walk over an address, with the part of it that one is in."""

from headwater.text.kernels import Bytes, Floats, Longs, code_points, lean

COLON, SLASH, QUESTION, NUMBER_SIGN, AMPERSAND, SEMICOLON, DOT, AT, BRACKET = 58, 47, 63, 35, 38, 59, 46, 64, 91
PATH, QUERY = 0, 1


@lean
def host_end(data: Bytes, begin: int, end: int) -> tuple[int, int]:
    """Where the host with its user and port begins and ends: after "://", up to the path, query or fragment."""
    at = begin
    while at + 2 < end and not (data[at] == COLON and data[at + 1] == SLASH and data[at + 2] == SLASH):
        if data[at] == SLASH or data[at] == QUESTION or data[at] == NUMBER_SIGN:
            return begin, begin
        at += 1
    if at + 2 >= end:
        return begin, begin
    start = at = at + 3
    while at < end and data[at] != SLASH and data[at] != QUESTION and data[at] != NUMBER_SIGN:
        at += 1
    return start, at


@lean
def labels(data: Bytes, start: int, end: int) -> int:
    """Parts of a host between dots that are not empty; an address in brackets is one."""
    for at in range(start, end):
        if data[at] == AT:
            start = at + 1
    if start < end and data[start] == BRACKET:
        return 1
    count, at = 0, start
    while at < end and data[at] != COLON:
        count += data[at] != DOT and (at == start or data[at - 1] == DOT)
        at += 1
    return count


@lean
def measure_urls(data: Bytes, offsets: Longs, out: Floats) -> None:
    """Fill `out`, one row an address, one column a column of url.COLUMNS."""
    for d in range(len(offsets) - 1):
        begin, end = offsets[d], offsets[d + 1]
        host, at = host_end(data, begin, end)
        part, depth, parameters, digits = PATH, 0, 0, 0
        fresh = True
        for k in range(begin, end):
            digits += 48 <= data[k] <= 57
        for k in range(at, end):
            byte = data[k]
            if byte == NUMBER_SIGN:
                break
            if part == PATH and byte == QUESTION:
                part, fresh = QUERY, True
            elif byte == SLASH if part == PATH else byte in (AMPERSAND, SEMICOLON):
                fresh = True
            elif fresh:
                depth += part == PATH
                parameters += part == QUERY
                fresh = False
        chars = code_points(data, begin, end)
        out[d, 0], out[d, 1], out[d, 2] = chars, depth, digits / max(chars, 1)
        out[d, 3], out[d, 4] = parameters, labels(data, host, at)
