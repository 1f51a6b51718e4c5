"""What the web or a provider wrote is shown and never obeyed; the HTML stands by itself."""

import re
from html.parser import HTMLParser

import pytest

from headwater.report import domains, markup
from headwater.report.numbers import Facts, Listing
from headwater.report.page import Page, Section, given, recorded, rows

HOSTILE = "<script>alert(1)</script>\u202e|`x`\n[a](javascript:b) & \"'"


class Seen(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.ids = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        said = dict(attributes)
        self.links += [said[name] for name in ("href", "src") if name in said]
        self.ids += [said["id"]] if "id" in said else []


@pytest.fixture
def hostile():
    listing = Listing("domains", "domains", ("domain",), ((HOSTILE,),), "select 1", ("raw@1",))
    facts = Facts(None, None, {}, {"domains": listing}, "select 1", True)
    fields = (given("a", HOSTILE, HOSTILE), recorded("b", "B", rows(facts, "domains", (("domain", HOSTILE),))))
    return Page(HOSTILE, HOSTILE, ((HOSTILE, HOSTILE),), (Section("s", HOSTILE, fields),), facts)


def test_html_holds_no_tag_of_the_web(hostile):
    shown = markup.as_html(hostile)
    assert "script" not in Seen(shown).tags
    assert "javascript:" not in " ".join(Seen(shown).links)
    assert "\u202e" not in shown
    assert "&lt;script&gt;" in shown


def test_markdown_holds_no_tag_link_or_column_of_the_web(hostile):
    shown = markup.as_markdown(hostile)
    assert not re.search(r"(?<!\\)<script", shown)
    assert not re.search(r"(?<!\\)\[a\]", shown)
    assert "\u202e" not in shown
    table = [line for line in shown.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {2}


@pytest.mark.parametrize("name", ["eu-summary.html", "data-card.html"])
def test_the_html_loads_nothing_and_its_links_arrive(name, read):
    seen = Seen(read(name))
    assert {"script", "img", "link", "iframe", "object", "form"}.isdisjoint(seen.tags)
    inside = [link[1:] for link in seen.links if link.startswith("#")]
    assert inside
    assert set(inside) <= set(seen.ids)
    assert len(seen.ids) == len(set(seen.ids))
    assert all(link.startswith("https://") for link in seen.links if not link.startswith("#"))


@pytest.mark.parametrize("name", ["eu-summary.md", "data-card.md", "README.md"])
def test_the_links_of_the_markdown_arrive(name, read):
    text = read(name)
    wanted = set(re.findall(r"\]\(#(q\d+)\)", text))
    assert wanted
    assert wanted <= set(re.findall(r'<a id="(q\d+)">', text))


def test_a_comment_of_the_provider_is_text(read):
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {training.tokens}" in read("eu-summary.html")


@pytest.mark.parametrize("word", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_word_in_a_csv_is_a_formula(word):
    assert domains.guarded(word)[0] in "'\\"
    assert domains.guarded("example.org") == "example.org"
    assert domains.guarded(-1) == -1
