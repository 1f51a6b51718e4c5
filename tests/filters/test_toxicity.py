"""Bad words drop a page of a language that has a list of them; what has none can be dropped as well."""

import pyarrow as pa
import pytest

from headwater.filters.toxicity import toxicity as dropping
from headwater.signals import toxicity as counting
from headwater.signals.words import words
from tests import judging

OFF = {**dict.fromkeys(dropping.__kwdefaults__), "require_list": False}


def judge(texts, languages, **options):
    batch = pa.array(texts)
    found = counting.toxicity(batch, pa.array(languages, pa.string()))
    return judging.judge([("toxicity", options)], found | words(batch))


CASES = [
    ("max_bad_words", 0, "an ass", "an assistant"),
    ("max_bad_word_kinds", 1, "ass sex", "ass ASS"),
    ("max_bad_word_ratio", 0.25, "an ass of sorts sex", "an ass of sorts"),
]


@pytest.mark.parametrize(("rule", "threshold", "broken", "near_miss"), CASES, ids=[case[0] for case in CASES])
def test_a_rule_drops_its_smallest_text_and_keeps_the_near_miss(rule, threshold, broken, near_miss):
    dropped = judge([broken, near_miss], ["en", "en"], **OFF | {rule: threshold})
    assert dropped.rule.to_pylist() == [f"toxicity.{rule}", None]
    assert dropped.threshold.to_pylist() == [threshold, None]


def test_a_text_is_searched_for_the_words_of_its_own_language_under_any_label():
    found = judge(["ass", "ass", "Arsch", "Arsch", "ass"], ["en", "eng_Latn", "en", "de", None])
    assert found.dropped.tolist() == [True, True, False, True, False]


def test_a_language_without_a_list_passes_unless_a_list_is_required():
    found = judge(["ass", "fine"], ["sw", "en"])
    assert not found.dropped.any()
    found = judge(["ass", "fine"], ["sw", "en"], require_list=True)
    assert found.rule.to_pylist() == ["toxicity.require_list", None]
    assert (found.value[0].as_py(), found.threshold[0].as_py()) == (0, 1)


def test_words_stand_anywhere_in_scripts_without_spaces_and_between_borders_in_others():
    texts, languages = ["很乳房的", "这个性质", "классный", "бляха"], ["zh", "zh", "ru", "ru"]
    assert judge(texts, languages).dropped.tolist() == [True, False, False, False]


def test_a_phrase_of_several_words_is_found_as_it_is_listed():
    assert judge(["2 girls 1 cup", "2 girls  1 cup"], ["en", "en"]).dropped.tolist() == [True, False]


def test_lists_of_27_languages_are_those_that_the_version_stands_for():
    import hashlib

    whole = hashlib.sha256()
    for path in sorted(counting.LISTS.glob("*.txt")):
        whole.update(path.name.encode() + path.read_bytes())
    assert len(list(counting.LISTS.glob("*.txt"))) == 27
    # Another list is another VERSION of the signal.
    assert (counting.VERSION, whole.hexdigest()) == (
        1,
        "21912a48de57da713b86fda0dcaab725538629551c80490c4f9abf571e25eea1",
    )
