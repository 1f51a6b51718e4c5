"""Card numbers and IBANs.

Card numbers (ISO/IEC 7812): 12 to 19 digits with the Luhn check digit and the first digits and length of a network:
Visa, Mastercard, American Express, Diners Club, Discover, JCB, UnionPay, Maestro; in one piece, or in groups of
4-4-4-4, 4-4-4-4-3, 4-6-5 or 4-6-4 with spaces or hyphens (also U+00A0, U+2009, U+2011, U+2013), with no further group
before or behind them but a month and year, such as 12/25.

IBANs (ISO 13616): two capitals, two check digits and 11 to 30 capitals and digits whose remainder by 97 is 1, in one
piece or in groups of four.
"""

from headwater.text.kernels import Bytes, Longs, lean
from headwater.text.pii.letters import (
    ALNUM,
    DASH,
    DOT,
    SLASH,
    SPACE,
    digit_here,
    is_digit,
    joint,
    past_digits,
    word_before,
    word_here,
)  # fmt: skip


@lean
def luhn(digits: Longs, count: int) -> bool:
    """Whether the last digit checks the others."""
    total = 0
    for k in range(count):
        digit = digits[count - 1 - k]
        if k % 2:
            digit = 2 * digit - 9 * (digit > 4)
        total += digit
    return total % 10 == 0


@lean
def of_network(digits: Longs, count: int) -> bool:
    """Whether a network gives numbers that begin so and are so long."""
    four = 1000 * digits[0] + 100 * digits[1] + 10 * digits[2] + digits[3]
    two, three = four // 100, four // 10
    if digits[0] == 4:
        return count == 13 or count == 16 or count == 19
    if two == 34 or two == 37 or four == 2131 or four == 1800:
        return count == 15
    if 51 <= two <= 55 or 2221 <= four <= 2720 or two == 35:
        return count == 16
    if 300 <= three <= 305 or two == 36 or two == 38 or two == 39:
        return count == 14 or count == 16
    if four == 6011 or 644 <= three <= 659 or two == 62:
        return 16 <= count <= 19 or (count >= 12 and two != 62 and four != 6011)
    return (two == 50 or 56 <= two <= 69) and 12 <= count <= 19


@lean
def apart(data: Bytes, floor: int, start: int, stop: int, end: int, traits: Bytes) -> bool:
    """Whether a stretch of digits is no part of a longer number, word or address."""
    if word_before(data, floor, start, traits) or word_here(data, stop, end, traits):
        return False
    if start > floor and (data[start - 1] == DOT or data[start - 1] == DASH or data[start - 1] == SLASH):
        return False
    behind = stop < end and (data[stop] == DOT or data[stop] == DASH or data[stop] == SLASH)
    return not (behind and stop + 1 < end and ALNUM[data[stop + 1]])


@lean
def is_expiry(data: Bytes, at: int, end: int) -> bool:
    """Whether a month and a year of two or four digits are here, with a slash between."""
    if past_digits(data, at, min(end, at + 3)) != at + 2 or at + 3 > end or data[at + 2] != SLASH:
        return False
    month = 10 * (int(data[at]) - 48) + int(data[at + 1]) - 48
    year = past_digits(data, at + 3, min(end, at + 8)) - at - 3
    return 1 <= month <= 12 and (year == 2 or year == 4)


@lean
def card_at(data: Bytes, floor: int, start: int, end: int, traits: Bytes, digits: Longs) -> int:
    """Where the card number ends whose first digit is here; `start` if there is none. `digits` has room for 19."""
    stop = past_digits(data, start, min(end, start + 20))
    if 12 <= stop - start <= 19:
        for k in range(stop - start):
            digits[k] = data[start + k] - 48
        good = of_network(digits, stop - start) and luhn(digits, stop - start)
        return stop if good and apart(data, floor, start, stop, end, traits) else start
    sign, _ = joint(data, stop, end)
    if stop - start != 4 or sign == 0:
        return start
    count, shape, at = 0, 0, start
    while True:
        after = past_digits(data, at, min(end, at + 7))
        if after == at or after - at > 6 or count + after - at > 19:
            return start
        for place in range(at, after):
            digits[count] = data[place] - 48
            count += 1
        shape = 10 * shape + after - at
        same, width = joint(data, after, end)
        at = after + width
        if same != sign or not digit_here(data, at, end) or (count >= 14 and is_expiry(data, at, end)):
            break
    if shape != 4444 and shape != 44443 and shape != 465 and shape != 464:
        return start
    for width in range(1, 4):
        behind = start - width
        if behind > floor and joint(data, behind, start) == (sign, width) and is_digit(data[behind - 1]):
            return start
    good = of_network(digits, count) and luhn(digits, count)
    return after if good and apart(data, floor, start, after, end, traits) else start


@lean
def is_capital(byte: int) -> bool:
    return 65 <= byte <= 90


@lean
def remainder(data: Bytes, start: int, stop: int, so_far: int) -> int:
    """The remainder by 97 of digits and letters (A = 10) behind a number of which it is known."""
    for at in range(start, stop):
        byte = int(data[at])
        if is_digit(byte):
            so_far = (10 * so_far + byte - 48) % 97
        elif is_capital(byte):
            so_far = (100 * so_far + byte - 55) % 97
    return so_far


@lean
def iban_at(data: Bytes, floor: int, start: int, end: int, traits: Bytes) -> int:
    """Where the IBAN ends whose country is here; `start` if there is none."""
    if not (is_capital(data[start]) and is_capital(data[start + 1]) and digit_here(data, start + 3, end)):
        return start
    if word_before(data, floor, start, traits):
        return start
    at, count, best = start, 0, start
    while at < end and count < 35:
        byte = data[at]
        if is_digit(byte) or is_capital(byte):
            count += 1
            at += 1
            border = not word_here(data, at, end, traits)
            if border and 15 <= count <= 34:
                whole = remainder(data, start, start + 4, remainder(data, start + 4, at, 0))
                best = at if whole == 1 else best
        elif byte == SPACE and count % 4 == 0:
            at += 1
            if at < end and data[at] == SPACE:
                break
        else:
            break
    return best
