"""Listed domains, addresses and words, in both modes; addresses come from anybody."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.filters.url_blocklist import url_blocklist
from tests import judging

MODES = ["datatrove", "dclm"]


@pytest.fixture
def listed(tmp_path):
    """Writes a list and gives it as an option."""

    def write(*entries):
        path = tmp_path / f"{abs(hash(entries))}.txt"
        path.write_text("\n".join(entries), "utf-8")
        return {str(path): None}

    return write


def judge(pages, registered=None, **options):
    columns = {"url": pa.array(pages, pa.string()), "domain": pa.array(registered or [None] * len(pages), pa.string())}
    return judging.judge([("url_blocklist", options)], columns)


def rules(*pages, **options):
    return [rule and rule.removeprefix("url_blocklist.") for rule in judge(pages, **options).rule.to_pylist()]


def test_without_a_list_every_page_passes():
    assert rules("http://a.b/", None, "") == [None] * 3


@pytest.mark.parametrize("mode", MODES)
def test_a_listed_host_is_dropped_with_value_1_against_0(listed, mode):
    urls = ["https://bad.example/x", "https://good.example/bad.example", "https://notbad.example/"]
    found = judge(urls, domains=listed("bad.example"), mode=mode)
    assert found.rule.to_pylist() == ["url_blocklist.domains", None, None]
    assert (found.value[0].as_py(), found.threshold[0].as_py()) == (1, 0)


def test_datatrove_drops_what_lies_below_a_registered_domain_and_dclm_does_not(listed):
    urls, bad = ["http://x.bad.example/", "http://www.bad.example/"], listed("bad.example")
    registered = ["bad.example"] * 2
    assert judge(urls, registered, domains=bad).dropped.tolist() == [True, True]
    assert judge(urls, registered, domains=bad, mode="dclm").dropped.tolist() == [False, True]


HOSTILE = [
    "HTTP://BAD.EXAMPLE/", "http://bad.example", "http://bad.example:8080/", "http://good.example@bad.example/",
    "http://a:b@bad.example?x", "http://bad.example./", "http://bad.example#x", "http://bad.example\\@good.example/",
    "ftp://bad.example/",
]  # fmt: skip
NO_HOST = [
    "", "bad.example", "//bad.example", "http:/bad.example", "http://", "http:///bad.example", "http://[bad.example]/",
    "http://good.example/?http://bad.example/", "javascript:bad.example", "http://bad.example.good.example/",
]  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("url", HOSTILE)
def test_a_host_is_found_however_it_is_written(listed, mode, url):
    assert rules(url, domains=listed("bad.example"), mode=mode) == ["domains"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("url", NO_HOST)
def test_what_is_no_listed_host_passes(listed, mode, url):
    assert rules(url, domains=listed("bad.example"), mode=mode) == [None]


@pytest.mark.parametrize("entry", ["bücher.example", "xn--bcher-kva.example", "BÜCHER.example."])
@pytest.mark.parametrize("host", ["bücher.example", "xn--bcher-kva.example", "XN--BCHER-KVA.example"])
def test_a_domain_in_other_letters_is_listed_in_either_form(listed, entry, host):
    assert rules(f"http://{host}/", domains=listed(entry)) == ["domains"]


@pytest.mark.parametrize("mode", MODES)
def test_a_listed_address_is_dropped_and_its_neighbour_is_not(listed, mode):
    urls = ("http://a.b/c", "http://a.b/c/", "http://A.b/c")
    assert rules(*urls, urls=listed("http://a.b/c"), mode=mode) == ["urls", None, None]


def test_a_strict_word_of_dclm_stands_anywhere_in_any_case_but_for_hyphens_and_dots(listed):
    urls = ("http://x.y/aBADb", "http://b-a.d/", "http://x.y/b_ad", "http://x.y/b%61d")
    assert rules(*urls, strict_words=listed("bad"), mode="dclm") == ["max_strict_words"] * 2 + [None] * 2


def test_a_strict_word_of_datatrove_stands_anywhere_in_the_letters_and_digits(listed):
    urls = ("http://x.y/aBADb", "http://b-a.d/", "http://x.y/b_a/d", "http://x.y/bud")
    assert rules(*urls, strict_words=listed("B-a d")) == ["max_strict_words"] * 3 + [None]


def test_a_hard_word_of_dclm_stands_between_what_is_no_word_in_any_case(listed):
    urls = ("http://x.y/a-Bad.html", "http://x.y/bad_x", "http://x.y/badly", "http://bad/")
    assert rules(*urls, hard_words=listed("bad"), mode="dclm") == ["max_hard_words", None, None, "max_hard_words"]


def test_a_hard_word_of_datatrove_is_a_whole_stretch_of_small_letters_and_digits(listed):
    urls = ("http://x.y/a-bad.html", "http://x.y/bad_x", "http://x.y/badly", "http://x.y/Bad")
    assert rules(*urls, hard_words=listed("Bad")) == ["max_hard_words"] * 2 + [None] * 2


@pytest.mark.parametrize("mode", MODES)
def test_two_different_soft_words_drop_a_page_and_one_twice_does_not(listed, mode):
    found = judge(["http://x/ab-cd", "http://x/ab-ab", "http://x/ab"], soft_words=listed("ab", "cd", "ef"), mode=mode)
    assert found.rule.to_pylist() == ["url_blocklist.max_soft_words", None, None]
    assert (found.value[0].as_py(), found.threshold[0].as_py()) == (2, 1)


def test_a_threshold_that_is_none_switches_a_rule_off(listed):
    assert rules("http://x/bad", hard_words=listed("bad"), max_hard_words=None) == [None]


def test_the_order_of_rules_is_that_of_the_mode(listed):
    options = {"domains": listed("x"), "strict_words": listed("bad"), "hard_words": listed("bad", "y")}
    assert rules("http://x/bad", "http://y/bad", **options) == ["domains", "max_hard_words"]
    assert rules("http://x/bad", "http://y/bad", **options, mode="dclm") == ["domains", "max_strict_words"]


def test_one_step_of_mode_dclm_says_what_a_step_for_each_list_does_in_its_order(listed):
    lists = {
        "domains": listed("a.b"), "strict_words": listed("bad"), "hard_words": listed("worse"),
        "soft_words": listed("sly", "shy"),
    }  # fmt: skip
    parts = ("a.b/", "c.d/", "bad/", "worse/", "sly/", "sly/shy/", "fine")
    pages = [f"http://{a}{b}{c}" for a in parts for b in parts for c in parts]
    columns = {"url": pa.array(pages), "domain": pa.array(["a.b"] * len(pages))}
    one = judge(pages, mode="dclm", **lists)
    steps = [("url_blocklist", {"mode": "dclm", name: files}) for name, files in lists.items()]
    several = judging.judge(steps, columns)
    for found in ("rule", "value", "threshold"):
        assert getattr(one, found).equals(getattr(several, found))
    assert len(set(one.rule.to_pylist())) == 5


def test_entries_of_several_files_are_one_list(listed):
    both = listed("one.example") | listed("two.example")
    assert rules("http://one.example", "http://two.example", domains=both) == ["domains"] * 2


def test_the_lists_that_are_shipped_drop_what_they_are_for_and_not_documentation(root):
    for mode in MODES:
        words = {f"{kind}_words": {str(root / "lists" / f"{mode}_{kind}_words.txt"): None} for kind in KINDS}
        sources = {str(root / "lists" / "high_quality_sources.txt"): None}
        urls = ("https://www.arxiv.org/abs/1", "http://x.org/xxx/1.html", "https://docs.python.org/3/library/re.html")
        found = judge(urls, ["arxiv.org", "x.org", "python.org"], domains=sources, mode=mode, **words)
        assert found.dropped.tolist() == [True, True, False]


KINDS = ("strict", "hard", "soft")
pieces = st.sampled_from(
    ("http://", "user@", "bad.example", "www.", ":1", "/", "?", "#", "\\", "é", "[", "]", ".", " ", "\x00")
)


@settings(deadline=None)
@given(st.lists(st.one_of(st.text(max_size=20), st.lists(pieces, max_size=12).map("".join)), max_size=5))
def test_no_address_breaks_the_filter_and_each_is_judged_by_itself(tmp_path_factory, urls):
    path = tmp_path_factory.getbasetemp() / "hostile.txt"
    path.write_text("bad.example\nbad\n")
    options = {name: {str(path): None} for name in ("domains", "urls", "strict_words", "hard_words")}
    columns = {"url": pa.array(urls, pa.string()), "domain": pa.nulls(len(urls), pa.string())}
    for mode in MODES:
        whole = url_blocklist(columns, **options, mode=mode)
        for i in range(len(urls)):
            one = url_blocklist({name: column.slice(i, 1) for name, column in columns.items()}, **options, mode=mode)
            assert [(f.rule, f.value[0]) for f in one] == [(f.rule, f.value[i]) for f in whole]
