"""One text of 50 MB: every editor stays linear in it, whatever it is made of."""

import time

import pyarrow as pa
import pytest

from headwater import editing, registry

MEGABYTE = 10**6
MADE_OF = {
    "prose": "The end of the line is near. ",
    "one letter": "a",
    "newlines": "\n",
    "spaces": " ",
    "short lines": "One\n",
    "brackets": "[",
    "nested marks": "[1",
    "at signs": "a@",
    "dots": "a.",
    "digits": "7",
    "pairs of digits": "12 ",
    "card numbers": "4111 1111 1111 1111 ",
    "addresses": "1.2.3.4 a@b.com x.com ",
    "phrases": "Sign-in",
    "carts": "items in cart",
    "bars": "a | ",
    "not ASCII": "é中",
}
# Each of these would take hours if a byte cost as much as the text is long.
SECONDS_FOR_50_MB = 30.0


@pytest.mark.parametrize("name", registry.names("editors"))
def test_a_text_of_50_mb_takes_seconds_whatever_it_is_made_of(name):
    editor = registry.step("editors", name)
    editor(pa.array(["warm"]))
    for what, piece in MADE_OF.items():
        batch = pa.array([piece * (50 * MEGABYTE // len(piece.encode()))], pa.large_string())
        start = time.process_time()
        found = editor(batch)
        took = time.process_time() - start
        assert took < SECONDS_FOR_50_MB, what
        assert editing.splice(batch, found).nbytes <= 3 * batch.nbytes


# What is found here changes what its neighbour is, one after the other from one end to the other.
CHAINS = ("650-253-0000:", "650-253-0000 (")


@pytest.mark.parametrize("piece", CHAINS)
def test_finds_that_depend_on_each_other_take_time_linear_in_the_text(piece):
    pii = registry.step("editors", "pii")

    def seconds(times):
        batch, start = pa.array([piece * times]), time.process_time()
        assert len(pii(batch).start) == times
        return time.process_time() - start

    seconds(1)
    small, large = (min(seconds(times) for _ in range(3)) for times in (10_000, 20_000))
    assert large < 3 * small


@pytest.mark.parametrize("piece", ["x.comhttp://", "x.com http://y.comhttp://"])
def test_addresses_that_come_to_be_one_by_one_take_time_linear_in_the_text(piece):
    remove_urls = registry.step("editors", "remove_urls")

    def seconds(times):
        batch, start = pa.array([piece * times + "a.com b"]), time.process_time()
        assert editing.splice(batch, remove_urls(batch))[0].as_py() == " b"
        return time.process_time() - start

    seconds(1)
    small, large = (min(seconds(times) for _ in range(3)) for times in (50_000, 100_000))
    assert large < 3 * small
