"""An edited text leads back to the extracted one, character by character."""

from hypothesis import given
from hypothesis import strategies as st

from headwater import origin


@st.composite
def edited(draw):
    """A text of characters that are all different, edited in up to three steps: texts before and after, edits."""
    text = [chr(0x4E00 + k) for k in range(draw(st.integers(0, 30)))]
    first, edits = list(text), []
    for step in range(draw(st.integers(0, 3))):
        borders = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
        pairs = list(zip(borders[::2], borders[1::2], strict=False))
        after, at = [], 0
        for start, stop in pairs:
            put = draw(st.integers(0, 3))
            edits.append({"step": step, "rule": f"e{step}.r", "start": start, "stop": stop, "put": put})
            after += [*text[at:start], *("-" * put)]
            at = stop
        text = after + text[at:]
    return "".join(first), "".join(text), edits


@given(edited())
def test_every_character_that_stayed_is_found_where_it_was(case):
    before, after, edits = case
    for place, char in enumerate(after):
        start, stop = origin.stretch(edits, place, place + 1)
        if char != "-":
            assert before[start:stop] == char


@given(edited())
def test_a_stretch_covers_the_characters_that_it_is_made_of(case):
    before, after, edits = case
    for start in range(len(after)):
        for stop in range(start + 1, len(after) + 1):
            first, last = origin.stretch(edits, start, stop)
            assert 0 <= first <= last <= len(before)
            assert {c for c in after[start:stop] if c != "-"} <= set(before[first:last])


def test_what_was_put_comes_from_all_that_it_replaced():
    edits = [{"step": 0, "rule": "pii.email", "start": 5, "stop": 20, "put": 7}]
    assert origin.stretch(edits, 6, 8) == (5, 20)


def test_a_summary_counts_per_rule():
    edits = [
        {"step": 0, "rule": "a.x", "start": 0, "stop": 4, "put": 1},
        {"step": 0, "rule": "a.x", "start": 6, "stop": 8, "put": 0},
        {"step": 3, "rule": "b.y", "start": 0, "stop": 1, "put": 2},
    ]
    assert origin.summary(edits) == {"a.x": {"edits": 2, "characters": 5}, "b.y": {"edits": 1, "characters": -1}}
