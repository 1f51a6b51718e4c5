"""Compiled loops that words and lines share: look at characters, split into words, find equal stretches.

Everything is exact: words, lines and n-grams are told apart by comparison, never by hash alone. All loops are linear in
the bytes of the text, and scratch memory is linear in the longest text (its pages are touched only as far as needed).
ASCII is looked up in place and indexes are unsigned in the hot loops: calls and signed indexes double their time.

Compiled code is cached on disk. numba does not notice a change to a function here in what it cached for its callers in
_word_kernels.py and _line_kernels.py: save those files too.
"""

import signal
from collections.abc import Callable
from inspect import signature
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit, types
from numba.core.event import Listener, register

from headwater.text.unicode import DIVIDER, GAP, LETTER, MARK, MIDDLE, NUMBER, SINGLE, SYMBOL

Bytes = npt.NDArray[np.uint8]
Table = npt.NDArray[np.uint8] | npt.NDArray[np.uint32]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
F = TypeVar("F", bound=Callable[..., object])
# numba's own type stubs do not know the option _nrt.
_jit: Callable[..., Callable[[Callable[..., object]], Any]] = njit

DOT = 46
# A polynomial in 257 is one-to-one on up to 8 bytes of UTF-8, which are all in 1..244.
BASE, PACKED_BYTES = np.uint64(257), 8
PRIME, HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)


class _Uncounted(Listener):
    """Stops the timer of processor time (ITIMER_PROF), if one is set, while code is compiled.

    Compiling takes seconds and is nobody's fault: without this a document that comes first could be over its limit.
    """

    def __init__(self) -> None:
        self._depth, self._left = 0, 0.0

    def on_start(self, event: Any) -> None:  # the listener's contract
        if self._depth == 0:
            self._left, _ = signal.setitimer(signal.ITIMER_PROF, 0)
        self._depth += 1

    def on_end(self, event: Any) -> None:
        self._depth -= 1
        if self._depth == 0 and self._left:
            signal.setitimer(signal.ITIMER_PROF, self._left)


register("numba:compile", _Uncounted())  # type: ignore[no-untyped-call]  # numba has no types


def compiled(function: F) -> F:
    """The function as machine code, cached on disk; it holds no lock of the interpreter."""
    return cast(F, _for_any_number(_jit(cache=True, nogil=True, no_cfunc_wrapper=True, _nrt=True)(function)))


def lean(function: F) -> F:
    """As `compiled`, for a function that makes no array: it counts no references to those it is given, which takes a
    small function longer than what it does.
    """
    return cast(F, _for_any_number(_jit(cache=True, nogil=True, no_cfunc_wrapper=True, _nrt=False)(function)))


def _for_any_number(dispatcher: Any) -> Any:
    """The same, compiled once for all that compiled callers pass as an `int`: numba would do so anew for each constant
    and each width, which takes most of the time of the first use.
    """
    template = dispatcher.get_call_template
    numbers = [each.annotation in (int, "int") for each in signature(dispatcher.py_func).parameters.values()]

    def widened(arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        plain = map(types.unliteral, arguments)
        wide = (types.int64 if n and isinstance(a, types.Integer) else a for n, a in zip(numbers, plain, strict=True))
        return template(tuple(wide), named)

    dispatcher.get_call_template = widened
    return dispatcher


@lean
def look(data: Bytes, at: int, end: int, kinds: Table) -> tuple[int, int]:
    """Kind and width in bytes of the character at `at`."""
    byte = data[at]
    if byte < 0x80:
        return int(kinds[byte]), 1
    width = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
    if at + width > end:
        return SYMBOL, 1
    point = int(byte) & (0xFF >> (width + 1))
    for k in range(1, width):
        point = point << 6 | int(data[at + k] & 0x3F)
    if point >= 0x110000:
        return SYMBOL, width
    return int(kinds[point]), width


@lean
def joins(data: Bytes, at: int, end: int, kinds: Bytes, kind: int, before: int) -> bool:
    """Whether a middle or divider keeps its neighbours one word: the kind `before` it, and what is `at` its end."""
    if at >= end:
        return False
    after, _ = look(data, at, end, kinds)
    if kind == MIDDLE:
        return NUMBER <= after <= LETTER
    return before == after == NUMBER


@lean
def same(data: Bytes, one: int, other: int, length: int) -> bool:
    """Whether two stretches of bytes are equal."""
    k = 0
    while k < length and data[np.uint64(one + k)] == data[np.uint64(other + k)]:
        k += 1
    return k == length


@lean
def rest_of_symbol(data: Bytes, start: int, at: int, end: int, kinds: Bytes, kind: int) -> tuple[int, int]:
    """End and length in characters of a word that is a symbol or a single, whose first character ends at `at`."""
    width, chars = at - start, 1
    while kind != SINGLE and at + width <= end and same(data, start, at, width):
        at += width
        chars += 1
    while at < end:
        mark, width = look(data, at, end, kinds)
        if mark != MARK:
            break
        at += width
        chars += 1
    return at, chars


@lean
def split(
    data: Bytes,
    begin: int,
    end: int,
    kinds: Bytes,
    starts: Ints,
    stops: Ints,
    chars: Ints,
    found: Bytes,
    hashes: Hashes,
) -> int:
    """Split a text into words; returns how many, and fills for each its place from `begin`, its length in characters,
    its kind (LETTER if it has one, SINGLE, NUMBER, else a symbol) and its hash.
    """
    at, count = begin, 0
    while at < end:
        byte = data[np.uint64(at)]
        if byte < 0x80:
            kind, width = int(kinds[byte]), 1
        else:
            kind, width = look(data, at, end, kinds)
        if kind <= GAP:
            at += width
            continue
        start, length, best, before = at, 0, kind, kind
        value = np.uint64(0)
        if NUMBER <= kind <= LETTER:
            while True:
                value = value * BASE + np.uint64(byte)
                for k in range(1, width):
                    value = value * BASE + np.uint64(data[np.uint64(at + k)])
                at += width
                length += 1
                if at >= end:
                    break
                byte = data[np.uint64(at)]
                if byte < 0x80:
                    kind, width = int(kinds[byte]), 1
                else:
                    kind, width = look(data, at, end, kinds)
                if kind == LETTER:
                    best = before = kind
                elif kind == NUMBER:
                    before = kind
                elif MIDDLE <= kind <= DIVIDER:
                    if not joins(data, at + width, end, kinds, kind, before):
                        break
                    before = kind
                elif kind != MARK:
                    break
        else:
            at, length = rest_of_symbol(data, start, at + width, end, kinds, kind)
            for k in range(start, at):
                value = value * BASE + np.uint64(data[np.uint64(k)])
        starts[count], stops[count], chars[count] = start - begin, at - begin, length
        found[count], hashes[count] = best, value
        count += 1
    return count


@lean
def slots_for(count: int) -> int:
    """Size of a hash table, a power of two at least twice the number of its keys."""
    size = 16
    while size < 2 * count:
        size *= 2
    return size


@lean
def slot(value: np.uint64, size: int) -> np.uint64:
    """Where to look first for a hash in a table of this size."""
    mixed = value * PRIME
    return (mixed ^ (mixed >> HALF)) & np.uint64(size - 1)


@lean
def first_alike(
    data: Bytes, begin: int, count: int, starts: Ints, stops: Ints, hashes: Hashes, slots: Ints, firsts: Ints
) -> None:
    """Fill `firsts`: for each stretch, the first that has the same bytes. Equal hashes prove it only up to 8 bytes."""
    size = slots_for(count)
    slots[:size] = -1
    for t in range(count):
        length = stops[t] - starts[t]
        at = slot(hashes[t], size)
        while True:
            other = slots[at]
            if other < 0:
                slots[at] = other = t
                break
            alike = hashes[other] == hashes[t] and stops[other] - starts[other] == length
            if alike and (length <= PACKED_BYTES or same(data, begin + starts[other], begin + starts[t], length)):
                break
            at = (at + np.uint64(1)) & np.uint64(size - 1)
        firsts[t] = other


@lean
def code_points(data: Bytes, start: int, end: int) -> int:
    """Characters in a stretch of UTF-8: every byte that continues none."""
    count = 0
    for at in range(start, end):
        count += (data[np.uint64(at)] & 0xC0) != 0x80
    return count


@lean
def is_mark(data: Bytes, at: int, end: int, last: int) -> bool:
    """Whether a character of General Punctuation (E2 80 `last`) is here."""
    return at + 3 <= end and data[at] == 0xE2 and data[at + 1] == 0x80 and data[at + 2] == last
