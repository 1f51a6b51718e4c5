"""The suffix array of a sequence of numbers, in linear time: induced sorting, SA-IS, compiled.

Nong, Zhang and Chan, "Two Efficient Algorithms for Linear Time Suffix Array Construction" (2011), and for the longest
common prefixes the Phi array of Kärkkäinen, Manzini and Puglisi, "Permuted Longest-Common-Prefix Array" (2009).
Memory: about 24 bytes a number.
"""

import numpy as np
import numpy.typing as npt

from headwater.text.kernels import Bytes, Ints, compiled

I32 = npt.NDArray[np.int32]
EMPTY = -1


def suffix_array(values: I32) -> I32:
    """Where the suffixes of `values` (n,), numbers from 0 on, begin, in ascending order; fewer than 2^31 - 1."""
    closed = np.empty(len(values) + 1, dtype=np.int32)
    np.add(values, 1, out=closed[:-1])
    closed[-1] = 0  # smaller than any other and there once, as the method asks
    return _sorted(closed, int(closed.max()) + 1)[1:]


def _sorted(values: I32, kinds: int) -> I32:
    """SA-IS of values that end with their only 0. The depth is at most 30: each turn at least halves the length."""
    rising, places = types(values)
    order = induced(values, rising, places, kinds)
    names, count = named(values, rising, order, places)
    if count < len(places):
        places_in_order = places[_sorted(names, count)]
    else:
        places_in_order = np.empty_like(places)
        places_in_order[names] = places
    return induced(values, rising, places_in_order, kinds)


@compiled
def types(values: Ints) -> tuple[Bytes, Ints]:
    """1 for each suffix that is smaller than the next one, and where one such follows one that is larger."""
    n = len(values)
    rising = np.zeros(n, np.uint8)
    rising[n - 1] = 1
    count = 1
    for i in range(n - 2, -1, -1):
        rising[i] = values[i] < values[i + 1] or (values[i] == values[i + 1] and rising[i + 1])
        count += rising[i + 1] > rising[i]
    places = np.empty(count, np.int32)
    found = 0
    for i in range(1, n):
        if rising[i] > rising[i - 1]:
            places[found] = i
            found += 1
    return rising, places[:found]


@compiled
def bounds(values: Ints, kinds: int, ends: bool) -> Ints:
    """For each value, where its suffixes begin, or end, in the array."""
    out = np.zeros(kinds, np.int32)
    for value in values:
        out[value] += 1
    total = 0
    for value in range(kinds):
        total += out[value]
        out[value] = total if ends else total - out[value]
    return out


@compiled
def induced(values: Ints, rising: Bytes, places: Ints, kinds: int) -> Ints:
    """All suffixes in order, where those at `places` are in order."""
    n = len(values)
    order = np.full(n, EMPTY, np.int32)
    tails = bounds(values, kinds, True)
    for i in range(len(places) - 1, -1, -1):
        tails[values[places[i]]] -= 1
        order[tails[values[places[i]]]] = places[i]
    heads = bounds(values, kinds, False)
    for i in range(n):
        before = order[i] - 1
        if before >= 0 and not rising[before]:
            order[heads[values[before]]] = before
            heads[values[before]] += 1
    tails = bounds(values, kinds, True)
    for i in range(n - 1, -1, -1):
        before = order[i] - 1
        if before >= 0 and rising[before]:
            tails[values[before]] -= 1
            order[tails[values[before]]] = before
    return order


@compiled
def named(values: Ints, rising: Bytes, order: Ints, places: Ints) -> tuple[Ints, int]:
    """A number for each stretch from one of the places to the next, in their order and equal where they are equal."""
    n = len(values)
    names = np.full(n, EMPTY, np.int32)
    count, last = 0, -1
    for at in order:
        if at <= 0 or not rising[at] > rising[at - 1]:
            continue
        if last >= 0:
            k = 0
            while True:
                if values[at + k] != values[last + k] or rising[at + k] != rising[last + k]:
                    count += 1
                    break
                if k > 0 and rising[at + k] > rising[at + k - 1]:
                    # Where one stretch ends the other does too: their types have been the same.
                    break
                k += 1
        names[at] = count
        last = at
    out = np.empty(len(places), np.int32)
    for i in range(len(places)):
        out[i] = names[places[i]]
    return out, count + 1


@compiled
def common(values: Ints, order: Ints, most: int) -> Ints:
    """For each place of `order`, how far its suffix and the one before it agree, counted up to `most`."""
    n = len(values)
    previous = np.empty(n, np.int32)
    last = EMPTY
    for at in order:
        previous[at] = last
        last = at
    length = 0
    for i in range(n):
        j = previous[i]
        if j < 0:
            length = 0
        else:
            while length < most and i + length < n and j + length < n and values[i + length] == values[j + length]:
                length += 1
        previous[i] = length
        length = max(length - 1, 0)
    out = np.empty(n, np.int32)
    for i in range(n):
        out[i] = previous[order[i]]
    return out
