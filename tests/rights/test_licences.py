"""Licence evidence: each source, place and scope; pages that mean harm; the floor on judged pages."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.rights.licences import MAX_ENTRIES, MAX_SAID, Evidence, as_json, find
from tests.rights.licence_gold import judged, score

CC = "https://creativecommons.org/licenses/by-sa/4.0/"
SOURCES = {
    "rel_license", "license_url", "meta", "json_ld", "microdata", "rdfa", "dublin_core", "phrase", "spdx_tag",
}  # fmt: skip


def only(html: str, url: str = "https://a.example/") -> Evidence:
    found = find(html, url)
    assert len(found) == 1, found
    return found[0]


def body(inside: str) -> str:
    return f"<!doctype html><html><head><title>t</title></head><body>{inside}</body></html>"


@pytest.mark.parametrize(
    ("html", "source", "licence"),
    [
        (f'<p>Text <a rel="license" href="{CC}">terms</a>', "rel_license", "CC-BY-SA-4.0"),
        (f"<p>Text <a href={CC} rel='nofollow license'>terms</a>", "rel_license", "CC-BY-SA-4.0"),
        (f'<map><area rel="license" href="{CC}"></map>', "rel_license", "CC-BY-SA-4.0"),
        (f'<p>Licensed under <a href="{CC}">these terms</a>', "license_url", "CC-BY-SA-4.0"),
        ('<p>Licensed under <a href="//www.apache.org/licenses/LICENSE-2.0">this</a>', "license_url", "Apache-2.0"),
        (f'<div property="dct:license" resource="{CC}"></div>', "rdfa", "CC-BY-SA-4.0"),
        (f'<a rel="cc:license" href="{CC}">x</a>', "rdfa", "CC-BY-SA-4.0"),
        (f'<a property="http://creativecommons.org/ns#license" href="{CC}">x</a>', "rdfa", "CC-BY-SA-4.0"),
        (f'<a itemprop="license" href="{CC}">x</a>', "microdata", "CC-BY-SA-4.0"),
        ('<span itemprop="license">CC BY-NC 3.0</span>', "microdata", "CC-BY-NC-3.0"),
        ("<p>This work is licensed under CC BY-ND 2.5.</p>", "phrase", "CC-BY-ND-2.5"),
        ("<pre>// SPDX-License-Identifier: mit\nint x;</pre>", "spdx_tag", "MIT"),
    ],
)
def test_a_mark_in_the_body_is_evidence_of_its_source(html, source, licence):
    found = only(body(html))
    assert (found.source, found.licence, found.place) == (source, licence, "body")


@pytest.mark.parametrize(
    ("html", "source", "licence"),
    [
        (f'<link rel="license" href="{CC}">', "rel_license", "CC-BY-SA-4.0"),
        (f'<link rel="copyright" href="{CC}">', "license_url", "CC-BY-SA-4.0"),
        (f'<meta name="license" content="{CC}">', "meta", "CC-BY-SA-4.0"),
        (f'<meta property="og:license" content="{CC}">', "meta", "CC-BY-SA-4.0"),
        ('<meta name="rights" content="All rights reserved">', "meta", "LicenseRef-all-rights-reserved"),
        ('<meta name="copyright" content="CC BY 4.0 Ann Lee">', "meta", "CC-BY-4.0"),
        (f'<meta name="DC.rights" content="{CC}">', "dublin_core", "CC-BY-SA-4.0"),
        (f'<meta name="dcterms.license" content="{CC}">', "dublin_core", "CC-BY-SA-4.0"),
        ('<link rel="license" type="application/rsl+xml" href="/rsl.xml">', "rel_license", "LicenseRef-RSL"),
    ],
)
def test_a_mark_in_the_head_covers_the_page(html, source, licence):
    found = only(f"<html><head>{html}</head><body><p>Hello</p></body></html>")
    assert (found.source, found.licence, found.place, found.scope) == (source, licence, "head", "page")


def test_a_licence_that_nobody_knows_is_unknown_with_its_address():
    found = only('<head><base href="/x/"></head><a rel="license" href="terms.html">x</a>', "https://a.example/y/z")
    assert (found.licence, found.said) == ("LicenseRef-unknown", "https://a.example/x/terms.html")


def test_a_holder_of_rights_is_no_licence():
    assert find('<meta name="copyright" content="2020 Ann Lee"><meta name="DC.rights" content="Ann Lee">', "") == []


@pytest.mark.parametrize(
    ("node", "scope"),
    [
        ({"@type": "Article", "license": CC}, "page"),
        ({"@type": "Dataset", "license": {"@id": CC}}, "page"),
        ({"@type": "WebSite", "license": [CC]}, "site"),
        ({"@type": "ImageObject", "license": CC}, "image"),
        ({"@type": "Article", "image": {"url": "x.png", "license": CC}}, "image"),
        ({"@graph": [{"@type": "WebPage", "primaryImageOfPage": {"license": {"url": CC}}}]}, "image"),
        ({"@type": "SoftwareSourceCode", "license": CC}, "part"),
        ({"@type": "WebPage", "hasPart": [{"@type": "Article", "license": CC}]}, "part"),
    ],
)
def test_json_ld_says_what_its_licence_covers(node, scope):
    found = only(f'<head><script type="application/ld+json">{json.dumps(node)}</script></head>')
    assert (found.source, found.licence, found.place, found.scope) == ("json_ld", "CC-BY-SA-4.0", "head", scope)


def test_json_ld_names_the_author():
    node = json.dumps({"@type": "Article", "license": CC, "author": [{"@type": "Person", "name": "Ann Lee"}]})
    assert only(f'<script type="application/ld+json">{node}</script>').author == "Ann Lee"


@pytest.mark.parametrize(
    "html",
    [
        '<figure><img src="a.jpg"><figcaption>A cat <a rel="license" href="{}">terms</a></figcaption></figure>',
        '<div class="wp-caption"><img src="a.jpg"><p>Cat, <a href="{}">CC BY-SA 4.0</a></p></div>',
        '<div class="photo-credit"><a href="{}">CC BY-SA 4.0</a></div>',
        '<p>Photo: Ann Lee, <a href="{}">CC BY-SA 4.0</a></p>',
        '<p>Ann Lee [<a href="{}">CC BY-SA 4.0</a>], via Wikimedia Commons</p>',
        '<p>Die Bilder in diesem Blog stehen unter <a rel="license" href="{}">CC BY-SA 4.0</a></p>',
        '<div itemscope itemtype="https://schema.org/ImageObject"><a itemprop="license" href="{}">x</a></div>',
        '<footer>All photos are licensed under <a href="{}">CC BY-SA 4.0</a></footer>',
    ],
)
def test_a_licence_of_an_image_never_licenses_the_page(html):
    assert {e.scope for e in find(body(html.format(CC)), "")} == {"image"}


@pytest.mark.parametrize("said", ['<a href="{}">these terms</a>', '<a rel="license" href="{}">x</a>', "CC BY-SA 4.0"])
@pytest.mark.parametrize(
    "before",
    [
        '<img src="a.jpg"><br>Sunset by John Doe, licensed under ',
        f'<picture><source srcset="{"a.webp 1x, " * 80}"><img src="a.jpg"></picture> Sunset, licensed under ',
        '<svg viewBox="0 0 9 9"><path d="M0 0"/></svg> Sunset, licensed under ',
        '<video src="a.mp4"></video> Sunset, licensed under ',
        'Read of CC BY. <a href="b.jpg"><img alt="licensed under Creative Commons by all of us in that old town of '
        'ours" src="a.jpg"></a> Sunset, licensed under ',
    ],
)
def test_a_licence_behind_a_picture_in_its_block_is_the_pictures(before, said):
    found = find(body(f"<p>My own essay.</p><p>{before}{said.format(CC)}</p>"), "")
    assert {e.scope for e in found} == {"image"}


@pytest.mark.parametrize(
    ("html", "scope"),
    [
        ('<p><img src="a.jpg"><br>This article is licensed under <a href="{}">this</a></p>', "page"),
        ('<p><img src="https://i.creativecommons.org/88x31.png"><br>Licensed under <a href="{}">this</a></p>', "page"),
        ('<p><a href="{0}"><img src="b.png"></a> Licensed under <a href="{0}">this</a></p>', "page"),
        ('<p><img src="p.gif" width="1" height="1">Licensed under <a href="{}">this</a></p>', "page"),
        ('<p><img src="a.jpg"></p><p>Licensed under <a href="{}">this</a></p>', "page"),
        ('<aside><img src="logo.png"><br><a rel="license" href="{}">CC BY-SA</a></aside>', "site"),
        ('<aside><img src="a.jpg"><br>Sunset by Ann Lee, <a rel="license" href="{}">CC BY-SA</a></aside>', "image"),
    ],
)
def test_a_button_or_a_picture_elsewhere_takes_no_licence(html, scope):
    assert {e.scope for e in find(body(html.format(CC)), "")} == {scope}


def test_a_picture_does_not_loosen_what_reserves_all_rights():
    found = only(body('<footer><img src="logo.png"> Copyright 2020. All rights reserved.</footer>'))
    assert (found.licence, found.scope) == ("LicenseRef-all-rights-reserved", "site")


@pytest.mark.parametrize(
    ("html", "place", "scope"),
    [
        ('<footer><a rel="license" href="{}">x</a></footer>', "footer", "site"),
        ('<div id="footer"><p><a href="{}">CC BY-SA</a></p></div>', "footer", "site"),
        ('<header><a rel="license" href="{}">x</a></header>', "header", "site"),
        ('<aside class="widget"><a rel="license" href="{}"><img src="88x31.png"></a></aside>', "body", "site"),
        ('<p>All content on this site is licensed under <a href="{}">this</a></p>', "body", "site"),
        ('<footer>This page is licensed under <a href="{}">this</a></footer>', "footer", "page"),
        ('<p>This software is available under <a href="{}">this licence</a></p>', "body", "part"),
        ('<div class="comment-body"><p>see <a href="{}">this</a></p></div>', "body", "part"),
        ("<p>I read <a href='{}'>an odd text</a> once.</p>", "body", "part"),
        ('<p>Texts and images are licensed under <a rel="license" href="{}">this</a></p>', "body", "page"),
    ],
)
def test_the_place_and_the_words_around_give_the_scope(html, place, scope):
    found = find(body(html.format(CC)), "")
    assert {(e.place, e.scope) for e in found} == {(place, scope)}


def test_an_open_paragraph_does_not_reach_into_the_footer():
    found = only(body(f'<p class="caption">A cat<footer><a rel="license" href="{CC}">x</a></footer>'))
    assert (found.place, found.scope) == ("footer", "site")


@pytest.mark.parametrize(
    "html",
    [
        f'<!-- <a rel="license" href="{CC}">x</a> -->',
        f'<script>var a = \'<a rel="license" href="{CC}">x</a>\'</script>',
        f"<style>/* licensed under CC BY 4.0, {CC} */</style>",
        "<p>The MIT License and the GNU General Public License differ.</p>",
        "<p>We reserve tables. Drivers need a licence.</p>",
        "<p>Some rights reserved</p>",
    ],
)
def test_what_is_no_statement_of_the_page_is_no_evidence(html):
    assert find(body(html), "") == []


def test_a_comment_ahead_of_the_page_licenses_it():
    found = only(f"<!-- SPDX-License-Identifier: CC-BY-4.0 -->{body('<p>x</p>')}")
    assert (found.licence, found.source, found.scope) == ("CC-BY-4.0", "spdx_tag", "page")


def test_an_spdx_expression_gives_each_of_its_ids():
    found = find(body("<pre># SPDX-License-Identifier: (GPL-2.0+ WITH x) OR MIT\n</pre>"), "")
    assert [(e.licence, e.scope) for e in found] == [("GPL-2.0-or-later", "part"), ("MIT", "part")]


def test_the_author_is_who_the_statement_names():
    html = f'<p>Cats by <a href="/">Ann Lee</a> is licensed under a <a rel="license" href="{CC}">CC licence</a></p>'
    assert only(body(html)).author == "Ann Lee"


def test_a_greater_sign_in_a_value_hides_no_attribute():
    assert only(body(f'<a title="a > b" rel="license" href="{CC}">x</a>')).licence == "CC-BY-SA-4.0"


def test_bytes_say_what_their_text_says():
    html = body(f'<p>Ämter <a rel="license" href="{CC}">ß</a>, alle Rechte vorbehalten')
    assert find(html.encode(), "") == find(html, "") != []


def test_json_is_canonical_and_null_without_evidence():
    said = as_json([Evidence("MIT", "meta", "head", "page", "MIT")])
    assert said == '[{"licence":"MIT","place":"head","said":"MIT","scope":"page","source":"meta"}]'
    assert as_json([]) is None


MARKUP = st.sampled_from([
    "<a rel=license href='", CC, "'>", "<", ">", '"', "=", "</", "<!--", "-->", "<script type=application/ld+json>",
    '{"license":', "</script", "licensed under ", "CC BY ", "4.0", "all rights reserved", "<footer>", "<figure>",
    "SPDX-License-Identifier: ", "GPL-2.0", "(", "\x00", "\ud800", "é", "<p", "/>", "<meta name=license content=",
])  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.lists(st.one_of(MARKUP, st.text(max_size=12)), max_size=60).map("".join), st.text(max_size=20))
def test_any_text_gives_bounded_evidence_and_the_same_again(html, url):
    found = find(html, url)
    assert len(found) <= MAX_ENTRIES
    assert all(len(e.said) <= MAX_SAID and e.source in SOURCES for e in found)
    assert all(e.place in ("head", "header", "footer", "image", "body") for e in found)
    assert all(e.scope in ("page", "image", "site", "part") for e in found)
    assert find(html, url) == found


HOSTILE = {
    "deep": "<div>" * 300_000 + f'<a rel="license" href="{CC}">x</a>',
    "links": f'<a rel="license" href="{CC}">licensed under CC BY 4.0</a>' * 20_000,
    "words": "licensed under the gnu general public license " * 30_000,
    "open quotes": f'<a href="{CC}' * 30_000,
    "open tags": "<a rel=license " * 60_000,
    "closing tags": "</b>" * 300_000 + "licensed under CC BY 4.0",
    "deep json": '<script type="application/ld+json">' + '{"license":[' * 20_000 + "</script>",
    "wide json": '<script type="application/ld+json">[' + '{"license":"x"},' * 10_000 + "1]</script>",
    "large json": '<script type="application/ld+json">{"license":"' + "x" * 2_000_000 + '"}</script>',
    "spaces": "licensed under" + " " * 1_000_000 + "cc by",
    "commons": "creative commons " * 60_000,
    "entities": "&copy;&nbsp;all rights reserved&amp;" * 30_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_page_that_means_harm_takes_a_moment(name):
    find("licensed under CC BY", "")
    start = time.process_time()
    found = find(HOSTILE[name], "https://a.example/")
    assert time.process_time() - start < 2.0
    assert len(found) <= MAX_ENTRIES


def test_time_grows_with_the_page_only():
    def took(n: int) -> float:
        page = "<a b='<a c=\"licensed under cc by <p>" * n
        start = time.process_time()
        find(page, "")
        return time.process_time() - start

    took(100)
    assert took(100_000) < 40 * max(took(10_000), 0.005)


def test_a_page_full_of_images_still_shows_its_own_licence():
    images = "".join(f'<figure><a href="https://creativecommons.org/licenses/by/3.0/{a}{b}/">x</a></figure>'
                     for a in "abcdefgh" for b in "abcdefghij")  # fmt: skip
    found = find(body(images + f'<footer><a rel="license" href="{CC}">x</a></footer>'), "")
    assert len(found) == MAX_ENTRIES
    assert [e.licence for e in found if e.scope == "site"] == ["CC-BY-SA-4.0"]


def test_judged_pages_are_read_at_least_this_well(test_data):
    pages = list(judged(test_data))
    every, by_hand = score(pages), score([p for p in pages if p.by_hand])
    # Measured 0.978 and 0.978; 1.000 and 0.971. One page more or less is 0.02 to 0.03.
    assert min(every.precision, every.recall) >= 0.97
    assert by_hand.precision == 1.0
    assert by_hand.recall >= 0.97
