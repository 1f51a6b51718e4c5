"""Listings, tables and formulas are whole in the text, and nothing in a page can pretend to be one of them."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.extractors.resiliparse import resiliparse
from headwater.extractors.structured import structured
from headwater.structure import dom
from headwater.structure.placeholders import Placeholders

PROSE = "<p>Some words of a paragraph, so that the page has a main part of its own.</p>"


def text(markup, **options):
    """The text of a page with some markup between two paragraphs, without those."""
    found = structured(f"<html><body><main>{PROSE}{markup}{PROSE}</main></body></html>", url="", **options).text
    paragraph = PROSE[3:-4]
    assert found.startswith(paragraph)
    assert found.endswith(paragraph)
    return found[len(paragraph) : -len(paragraph)].strip("\n")


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<pre>a = 1\n\n  b  =  2\n</pre>", "```\na = 1\n\n  b  =  2\n```"),
        ('<pre><code class="language-python">x\ny</code></pre>', "```python\nx\ny\n```"),
        ('<div class="highlight-sh notranslate"><div class="highlight"><pre>ls\n</pre></div></div>', "```sh\nls\n```"),
        ('<pre class="brush: js; gutter: false">a;<br>b;</pre>', "```js\na;\nb;\n```"),
        ('<pre class="rust">fn</pre>', "```rust\nfn\n```"),
        ('<pre class="sourceCode haskell">x</pre>', "```haskell\nx\n```"),
        ('<div class="highlight-default"><pre>x</pre></div>', "```\nx\n```"),
        ('<pre lang="en">x</pre>', "```\nx\n```"),
        ("<pre>a ``` b</pre>", "````\na ``` b\n````"),
        (
            '<pre><span class="linenos">1</span>a\n<span class="linenos">2</span>b<button>Copy</button></pre>',
            "```\na\nb\n```",
        ),
        ('<pre><span class="line">a</span><span class="line">  b</span></pre>', "```\na\n  b\n```"),
        ("<pre><div>a</div><div>b</div></pre>", "```\na\nb\n```"),
        ("<pre><code>f</code> ( <code>x</code> )</pre>", "```\nf ( x )\n```"),
        (
            '<table class="highlighttable"><tr><td class="linenos"><pre>1\n2</pre></td>'
            '<td class="code"><pre>a\nb</pre></td></tr></table>',
            "```\na\nb\n```",
        ),
    ],
)  # fmt: skip
def test_a_listing_keeps_its_lines_and_its_language(markup, expected):
    assert text(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<tr><th>a<th>b<tr><td>1<td>2", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("<caption>Of x</caption><tr><td>a<td>b<tr><td>1<td>2", "Of x\n\n| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("<tr><th>a|b<th>c<br>d<tr><td>1<td>2", "| a\\|b | c d |\n| --- | --- |\n| 1 | 2 |"),
        (
            "<tr><th colspan=2>a<th>b<tr><td>1<td>2<td>3",
            "| a |  | b |\n| --- | --- | --- |\n| 1 | 2 | 3 |",
        ),
        (
            "<tr><th rowspan=2>a<th>b<tr><td>1<tr><td>2<td>3",
            "| a | b |\n| --- | --- |\n|  | 1 |\n| 2 | 3 |",
        ),
        ("<tr><th>a<th><th>b<tr><td>1<td> <td>2", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("<tr><th>x<th>y<tr><td><pre>f()</pre><td>2", "| x | y |\n| --- | --- |\n| `f()` | 2 |"),
        (
            "<tr><th>x<th>y<tr><td><math><mi>π</mi></math><td>2",
            "| x | y |\n| --- | --- |\n| \\(\\pi\\) | 2 |",
        ),
    ],
)
def test_a_table_of_data_becomes_markdown(markup, expected):
    assert text(f"<table>{markup}</table>") == expected


@pytest.mark.parametrize(
    "markup",
    [
        "<table><tr><td><h2>Head</h2><td>x<tr><td>y<td>z</table>",
        '<table role="presentation"><tr><th>a<th>b<tr><td>1<td>2</table>',
        "<table><tr><th>a<tr><td>1</table>",
        "<table><tr><th>a<th>b<tr><td><pre>1\n2</pre><td>2</table>",
        f"<table><tr><td>{'long ' * 100}<td>b<tr><td>1<td>2</table>",
        f"<table>{'<tr><th>a<td>b' * 2_001}</table>",
        f"<table><tr>{'<th>a' * 61}<tr>{'<td>b' * 61}</table>",
    ],
    ids=["layout", "presentation", "one column", "listing of lines", "long cells", "rows", "columns"],
)
def test_other_tables_are_left_to_the_converter(markup):
    assert "| --- |" not in text(markup)


def test_of_nested_tables_the_inner_one_is_the_data():
    inner = "<table><tr><th>a<th>b<tr><td>1<td>2</table>"
    found = text(f"<table><tr><td>side words<td>{inner}</table>")
    assert "| a | b |\n| --- | --- |\n| 1 | 2 |" in found
    assert "side words" in found


FORMULAS = [
    ('<script type="math/tex">E=mc^2</script>', "\\(E=mc^2\\)"),
    (
        '<span class="MathJax_Preview">E</span><span class="MathJax">Emc</span><script type="math/tex">E</script>',
        "\\(E\\)",
    ),
    ('<script type="math/tex; mode=display">\\int x</script>', "\\[\\int x\\]"),
    (
        '<span class="katex"><span class="katex-mathml"><math><mi>c</mi><annotation encoding="application/x-tex">c^3'
        '</annotation></math></span><span class="katex-html" aria-hidden="true">c3</span></span>',
        "\\(c^3\\)",
    ),
    (
        '<span class="katex-display"><span class="katex"><math><annotation encoding="application/x-tex">c</annotation>'
        "</math></span></span>",
        "\\[c\\]",
    ),
    ('<mjx-container display="true"><mjx-math>?</mjx-math><math><mi>x</mi></math></mjx-container>', "\\[x\\]"),
    (
        '<span class="mwe-math-element"><span style="display: none"><math><annotation encoding="application/x-tex">'
        '{\\displaystyle A^{2}}</annotation></math></span><img class="mwe-math-fallback-image-inline" alt="A2"></span>',
        "\\(A^{2}\\)",
    ),
    ('<math alttext="x^{2}" class="ltx_Math"><mi>x</mi></math>', "\\(x^{2}\\)"),
    ('<img class="latex" src="l.php" alt="$\\alpha$">', "\\(\\alpha\\)"),
    ('<img src="https://latex.codecogs.com/gif.latex?x%5E2">', "\\(x^2\\)"),
    ('<img src="https://s.example.org/latex.php?latex=%5Cpi&amp;bg=fff">', "\\(\\pi\\)"),
    ('<script type="math/mml"><math><msup><mi>x</mi><mn>2</mn></msup></math></script>', "\\(x^{2}\\)"),
]  # fmt: skip


@pytest.mark.parametrize(("markup", "expected"), FORMULAS)
def test_a_formula_becomes_latex_once(markup, expected):
    assert text(f"<p>Let {markup} be.</p>").split() == f"Let {expected} be.".split()


def test_latex_and_asciimath_in_the_text_are_left_alone():
    assert text("<p>\\(a_1\\) and `x^2` and $5</p>") == "\\(a_1\\) and `x^2` and $5"


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("10<sup>6</sup>", "10^{6}"),
        ("H<sub>2</sub>O", "H_{2}O"),
        ("the 1<sup>st</sup>", "the 1st"),
        ("as shown<sup>1</sup>", "as shown1"),
        ('x<sup><a href="#n">2</a></sup>', "x2"),
    ],
)
def test_exponents_are_told_from_notes(markup, expected):
    assert text(f"<p>{markup}</p>") == expected


def test_what_is_not_asked_for_is_left_alone():
    markup = "<pre>a\nb</pre><table><tr><th>a<th>b<tr><td>1<td>2</table><p>10<sup>6</sup></p>"
    found = text(markup, code=False, tables=False, math=False, scripts=False)
    assert not {"```", "| --- |", "^{"} & set(found.split())


@pytest.mark.parametrize("style", ["hidden", 'style="display: none"'])
def test_what_is_not_shown_stays_out(style):
    assert text(f"<table {style}><tr><th>secret<th>b<tr><td>1<td>2</table><pre {style}>secret\n</pre>") == ""


def test_a_page_cannot_write_the_word_of_another_place():
    """The word depends on the whole page, so the one of this page is not known when it is written."""
    word = Placeholders("<pre>secret</pre>").put("secret", alone=True)
    assert word in text(f"<p>{word}</p><pre>secret</pre>")


def test_blocks_come_back_on_lines_of_their_own():
    kept = Placeholders("page")
    one, two, inline = kept.put("A\nB", alone=True), kept.put("C", alone=True), kept.put("d", alone=False)
    assert kept.restore(f"x {one} y{inline}z\n  {two}\nend{one}") == "x\nA\nB\ny" + "dz\nC\nend\nA\nB"


def test_boxes_that_the_converter_takes_for_menus_do_not_cost_their_table():
    table = "<table class='table'><tr><th>name<th>size<tr><td><a href='x'>one</a><td><a href='y'>2</a></table>"
    found = text(f'<div class="table"><a id="l"/><p class="title">T</p><div class="table-contents">{table}</div></div>')
    assert "| name | size |\n| --- | --- |\n| one | 2 |" in found


TAGS = (
    "pre",
    "table",
    "tr",
    "td",
    "th colspan=3",
    "math",
    "mi",
    "mfrac",
    "msup",
    "mtable",
    "sup",
    "p",
    "a",
    "code",
    "span class=katex",
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from([f"<{t}>" for t in TAGS] + [f"</{t.split()[0]}>" for t in TAGS] + ["x", "1\n2", "|", "`", "π"])
    )
)
def test_any_markup_gives_a_text_without_words_of_ours(parts):
    html = "".join(parts)
    found = structured(html, url="")
    assert found is None or Placeholders(html).put("", alone=False)[:-2] not in found.text


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><td>" * 3_000 + "x",
        "<pre>a\nb</pre>" * 5_000,
        "<table><tr><th>a<th>b<tr><td>1<td>2</table>" * 2_000,
        "<math>" + "<mrow>" * 3_000 + "<mi>x",
        "<math>" + "<mover>" * 50 + "<mi>x",
        "<table><tr>" + "<td colspan=1000 rowspan=60000>x" * 500 + "</table>",
        "x<sup>2</sup>" * 10_000,
    ],
    ids=["nested tables", "listings", "tables", "nested math", "accents", "spans", "exponents"],
)
@pytest.mark.timeout(30)
def test_hostile_pages_cost_time_in_proportion(html):
    assert structured(f"<html><body>{html}", url="") is not None


NESTED = {
    "sup": "x<sup>2 ",
    "math": "<math>",
    "katex": '<span class="katex"><math>',
    "tables": "<table><tr><td>",
    "lists": "<ul><li>x<sup>2</sup>",
    "listings": "<pre>",
    "lines": '<pre>x<span class="line"><b>',
    "bold": "<b>x<sup>2</sup>",
}
WIDE = {
    "sup": "x<sup>2</sup> ",
    "math": "<math><mi>x</mi></math> ",
    "tables": "<table><tr><td>a<td>b<tr><td>c<td>d</table>",
    "cells": "<td><pre>x</pre>",
    "listings": '<div class="highlight"><pre>a</pre></div>',
    "empty": "<i></i><pre>x</pre>",
}


def seconds(page):
    begun = time.process_time()
    structured(page, url="")
    return time.process_time() - begun


@pytest.mark.parametrize("markup", NESTED.values(), ids=NESTED)
def test_the_time_of_a_page_nested_50_000_deep_grows_as_the_page_does(markup):
    assert seconds(markup * 50_000) < 20 * max(min(seconds(markup * 6_250) for _ in range(2)), 0.05)


@pytest.mark.parametrize("markup", WIDE.values(), ids=WIDE)
def test_the_time_of_a_wide_page_grows_as_the_page_does(markup):
    page = '<div class="highlight"><table><tr>' if markup.startswith("<td>") else '<div class="highlight">'
    assert seconds(page + markup * 16_000) < 20 * max(min(seconds(page + markup * 2_000) for _ in range(2)), 0.05)


CLASSES = {
    "listings": ('<div class="{}">', "highlight ", "<pre>a\nb</pre>"),
    "formulas": ('<div class="{}">', "katex-x ", "<math><mi>x</mi></math>"),
    "one name": ('<div class="{}!">', "highlight", "<pre>a\nb</pre>"),
    "languages": ('<div data-lang="{}">', "python ", "<pre>a\nb</pre>"),
}


@pytest.mark.parametrize(("around", "word", "markup"), CLASSES.values(), ids=CLASSES)
def test_the_time_of_a_page_within_one_long_attribute_grows_as_the_page_does(around, word, markup):
    def page(size):
        return around.format(word * (size // 2 // len(word))) + markup * (size // 2 // len(markup))

    assert seconds(page(400_000)) < 20 * max(min(seconds(page(50_000)) for _ in range(2)), 0.05)


SLOW = {
    "annotations": ("<math>" * 100 + "<annotation encoding=z>" + "</math>" * 100) * 3_000,
    "annotations in formulas": "<math>" * 100 + "<annotation/>x" * 200_000,
    "fractions": "<math>" * 60 + "<mfrac>" + "<mi></mi>" * 200_000,
    "sources": "<math>" * 60 + "<annotation encoding=tex>{\\displaystyle " + "x" * 2_000_000 + "}",
    "exponents": "x<sup>2</sup>" * 300_000,
    "lines": "<pre>" + '<span class="line">a</span>' * 300_000,
    "tables": "<table><tr><td><pre>x\ny</pre>" * 30 + "<i></i>" * 500_000,
}


@pytest.mark.parametrize("markup", SLOW.values(), ids=SLOW)
def test_a_page_that_asks_for_too_much_is_not_lost_to_the_limit_of_time(markup):
    """Some took minutes without the budget; a busy machine must not fail what takes seconds with it."""
    assert seconds(markup) < 30


def test_a_page_of_too_much_work_keeps_its_text_and_what_was_taken_out_before():
    listing = "<p>Words at the end.</p><pre>a\n  b</pre>"
    html = f"<main>{PROSE}{'<p>' + 'x<sup>2</sup> ' * 501_000 + '</p>'}{listing}</main>"
    assert structured(html, url="").text == resiliparse(html, url="").text
    html = f"<main>{PROSE}<pre>c\n  d</pre>{'<p>' + 'x<sup>2</sup> ' * 100_000 + '</p>'}{listing}</main>"
    found = structured(html, url="").text
    assert found.startswith(PROSE[3:-4])
    assert found.endswith("Words at the end.\n\n```\na\n  b\n```")
    assert "x^{2} x^{2}" in found
    assert "x2 x2 x2" in found
    assert "c\n  d" in found
    assert found == structured(html, url="").text


def test_work_is_spent_to_its_last_step():
    work = dom.Work(2)
    work.spend(2)
    with pytest.raises(dom.Spent):
        work.spend()


def test_an_identifier_as_long_as_a_page_takes_time_as_a_page_does():
    short, long = (f"<math><mi>{'x' * n}</mi></math>" for n in (100_000, 800_000))
    assert seconds(long) < 20 * max(seconds(short), 0.05)


def test_a_formula_deeper_than_pages_of_people_is_left_to_the_converter():
    formula = '<math><mi>x</mi><annotation encoding="application/x-tex">x^2</annotation></math>'
    page = f"<p>{'many words here ' * 20}</p>{{}}{formula}"
    assert "x^2" in structured(page.format("<b>" * 50), url="").text
    assert "\\(x^2\\)" not in structured(page.format("<b>" * (dom.MAX_DEPTH + 1)), url="").text
