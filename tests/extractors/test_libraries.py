"""Extractors that are libraries: their options reach them, and a page's text depends on that page alone."""

import inspect

import pytest
from resiliparse.extract.html2text import extract_plain_text

from headwater import registry
from headwater.errors import UnknownName
from headwater.extractors import justext, resiliparse, trafilatura, wet

PROSE = "The quick brown fox jumps over the lazy dog, and it is not the first time that he does so. "
HTML = [name for name in registry.names("extractors") if name != "wet"]


def page(body, title="A  page"):
    return f"<html><head><title>{title}</title></head><body><article>{body}</article></body></html>"


@pytest.mark.parametrize("name", HTML)
def test_the_title_and_the_main_text_are_found(name):
    found = registry.step("extractors", name)(page(f"<p>{PROSE * 6}</p>"), url="http://example.org/")
    assert found.title.split() == ["A", "page"]
    assert found.text.strip() == (PROSE * 6).strip()


@pytest.mark.parametrize("name", HTML)
@pytest.mark.parametrize("html", ["", " ", "<", "\x00", "<!-- x -->", "<html><body></body></html>", page("<p> </p>")])
def test_a_page_without_text_gives_none_or_what_is_there(name, html):
    found = registry.step("extractors", name)(html, url="")
    assert found is None or found.text.strip()


@pytest.mark.parametrize("name", HTML)
def test_a_declaration_of_another_charset_does_not_matter_in_unicode(name):
    html = '<?xml version="1.0" encoding="iso-8859-1"?>' + page(f"<p>ä ö {PROSE * 6}</p>")
    assert registry.step("extractors", name)(html, url="").text.startswith("ä ö The quick")


def test_every_option_of_resiliparse_is_ours():
    theirs = set(inspect.signature(extract_plain_text).parameters) - {"html"}
    assert theirs == set(inspect.signature(resiliparse.resiliparse).parameters) - {"html", "url"}


def test_resiliparse_leaves_out_what_a_selector_names():
    html = page(f"<p>{PROSE}</p><p class='ad'>Buy it</p>")
    assert "Buy it" in resiliparse.resiliparse(html, url="").text
    assert "Buy it" not in resiliparse.resiliparse(html, url="", skip_elements=(".ad",)).text


def test_trafilatura_reads_tables_where_asked():
    html = page(f"<p>{PROSE * 6}</p><table><tr><td>one cell</td><td>another cell</td></tr></table>")
    assert "one cell" in trafilatura.trafilatura(html, url="").text
    assert "one cell" not in trafilatura.trafilatura(html, url="", include_tables=False).text


def test_trafilaturas_text_of_a_page_does_not_depend_on_the_pages_before_it():
    shared = f"<p>{PROSE * 3}</p>"
    pages = [page(f"<p>Page number {n} says this. {PROSE * 3}</p>{shared}") for n in range(8)]
    alone = {html: trafilatura.trafilatura(html, url="").text for html in pages}
    assert all(text.count(PROSE.strip()) >= 6 for text in alone.values())
    assert {html: trafilatura.trafilatura(html, url="").text for html in reversed(pages)} == alone


def test_trafilaturas_text_loses_a_long_line_from_its_third_repetition_on():
    html = page("".join(f"<p>{PROSE * 2}</p><p>Line {n} here.</p>" for n in range(6)))
    assert trafilatura.trafilatura(html, url="").text.split("\n").count((PROSE * 2).strip()) == 3
    assert trafilatura.trafilatura(html, url="", deduplicate=False).text.split("\n").count((PROSE * 2).strip()) == 6


def test_a_page_is_no_copy_of_itself():
    """Trafilatura counts a page's only paragraph once for every pass over it."""
    assert trafilatura.trafilatura(page(f"<div>{PROSE * 40}</div>"), url="") is not None


GERMAN = "Der schnelle braune Fuchs springt über den faulen Hund, und das ist nicht das erste Mal, dass er es tut. " * 6


@pytest.mark.parametrize(("lists", "kept"), [(["English"], False), (["German"], True), (["all"], True), ([], True)])
def test_justext_keeps_prose_of_the_languages_whose_stop_words_it_has(lists, kept):
    assert (justext.justext(page(f"<p>{GERMAN}</p>"), url="", stop_lists=lists) is not None) is kept


def test_justext_puts_a_blank_line_between_paragraphs_and_drops_menus():
    menu = "<ul><li><a href='/'>Home</a></li><li><a href='/a'>About</a></li></ul>"
    found = justext.justext(page(f"{menu}<p>{PROSE * 4}</p><p>{PROSE * 3}</p>"), url="").text
    assert found == f"{(PROSE * 4).strip()}\n\n{(PROSE * 3).strip()}"


def test_a_stop_list_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(UnknownName, match="no stop list of jusText 'Klingon'; have: Afrikaans, "):
        justext.justext(page("x"), url="", stop_lists=("Klingon",))


def test_wet_gives_the_text_as_it_is():
    assert wet.wet("Home\n text  here\n", url="").text == "Home\n text  here\n"
    assert wet.wet(" \n", url="") is None
