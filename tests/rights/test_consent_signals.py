"""Signals of pages and of hosts' other files: each is found where it is, and what breaks a protocol is not said."""

import gzip
import io
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.rights import host_files, page_signals, reservations, rsl, tdmrep
from headwater.rights.reservations import HostFiles
from headwater.rights.robots import MAX_BYTES, Robots
from headwater.rights.site import Site
from headwater.stages import raw
from headwater.warc import facts
from headwater.warc.reader import read_records
from tests.rights import hosts

URL = "https://example.org/a/page.html"


def record(*args, **kwargs):
    (found,) = read_records(io.BytesIO(hosts.response(*args, **kwargs)), name="x.warc.gz")
    return found


def meta(html):
    return page_signals.said(html.encode())


def of_page(headers=(), page=None):
    found = reservations.of_page(facts.consent(headers, page))
    return [(s["signal"], s["value"], s["where"], *s.get("agents", ())) for s in found]


def of_host(files, url=URL):
    return [(s["signal"], s["value"], s["where"]) for s in reservations.of_host(url, None, files)]


@pytest.mark.parametrize(
    "tag",
    [
        '<meta name="robots" content="noai, noimageai">',
        "<META CONTENT='noai, noimageai' NAME='Robots' />",
        "<meta name=robots content='noai, noimageai'>",
        '<meta\n  name = "robots"\n  content = "noai, noimageai"\n>',
    ],
)
def test_a_meta_tag_is_read_however_it_is_written(tag):
    assert meta(f"<html><head>{tag}</head>") == {"meta:robots": ["noai, noimageai"]}


def test_meta_tags_for_ai_agents_and_of_tdmrep_are_read():
    head = '<meta name="GPTBot" content="noindex"><meta name="tdm-reservation" content="1">'
    assert meta(f"{head}<meta name='tdm-policy' content='https://x.org/?a=1&amp;b=2'></head>") == {
        "meta:gptbot": ["noindex"],
        "meta:tdm-reservation": ["1"],
        "meta:tdm-policy": ["https://x.org/?a=1&b=2"],
    }


def test_meta_tags_for_other_agents_and_of_other_names_are_not():
    assert (
        meta('<head><meta name="googlebot" content="noindex"><meta name="description" content="robots"></head>') == {}
    )


@pytest.mark.parametrize("hiding", ["<!-- {} -->", "<script>var a = '{}'</script>", "<title>{}</title>", "<!-- {}"])
def test_what_is_in_a_comment_or_a_script_is_no_tag(hiding):
    assert meta(f"<head>{hiding.format('<meta name=robots content=noai>')}</head>") == {}


def test_a_tag_after_a_comment_or_script_is_a_tag():
    html = "<head><script>if (a <!--b) {}</script><!-- x --><meta name=robots content=noai></head>"
    assert meta(html) == {"meta:robots": ["noai"]}


def test_what_is_after_the_head_is_not_looked_at():
    assert meta("<head></head><body><meta name=robots content=noai>") == {}


def test_a_page_without_the_end_of_a_head_is_read_as_far_as_64_kib():
    tag = "<meta name=robots content=noai>"
    assert meta("<p>" + "x" * 60_000 + tag) == {"meta:robots": ["noai"]}
    assert meta("<p>" + "x" * 66_000 + tag) == {}


@pytest.mark.parametrize("size", [0, 20_000])
@pytest.mark.parametrize("coding", ["gzip", "chunked", "both"])
def test_a_coded_payload_is_read(coding, size):
    body = b"<html><head>" + b"<!-- " + b"x" * size + b" --><meta name=robots content=noai></head>" + b"y" * 100_000
    headers = []
    if coding != "chunked":
        body = gzip.compress(body)
        headers.append(("Content-Encoding", "gzip"))
    if coding != "gzip":
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        headers.append(("Transfer-Encoding", "chunked"))
    found = record(URL, body, headers=headers, media_type="text/html")
    assert page_signals.of_record(found, found.body()) == {"meta:robots": ["noai"]}


def test_raw_holds_the_pages_own_tags_beside_its_headers():
    found = record(
        URL,
        "<html><head><meta name=robots content=noindex></head>",
        headers=[("X-Robots-Tag", "noai")],
        media_type="text/html",
    )
    consent = json.loads(raw.row("s", "n", found)["consent"])
    assert consent == {"x-robots-tag": ["noai"], "meta:robots": ["noindex"]}


def test_what_is_no_page_is_not_searched_for_tags():
    found = record(URL, "<html><head><meta name=robots content=noindex></head>", media_type="text/plain")
    assert raw.row("s", "n", found)["consent"] is None


@given(st.binary(max_size=300))
def test_no_bytes_make_the_scan_raise(data):
    page_signals.said(data)
    page_signals.said(b"<meta name=robots content=" + data + b">" + data)


@pytest.mark.parametrize("piece", [b"<meta ", b"<meta name=robots content=x>", b"<!--", b"<script", b"name=", b"<link"])
def test_a_hostile_head_costs_little(piece):
    start = time.process_time()
    page_signals.said(piece * (70_000 // len(piece)))
    assert time.process_time() - start < 2


def test_x_robots_tag_is_told_by_directive_with_its_value():
    assert of_page([("X-Robots-Tag", "noai, noimageai"), ("X-Robots-Tag", "none")]) == [
        ("x_robots_noai", "noai, noimageai", "http_header"),
        ("x_robots_noimageai", "noai, noimageai", "http_header"),
        ("x_robots_noindex", "none", "http_header"),
    ]


def test_x_robots_tag_for_an_ai_agent_is_told_with_the_agent_and_for_another_not_at_all():
    headers = [("X-Robots-Tag", "GPTBot: noindex"), ("X-Robots-Tag", "googlebot: noindex")]
    assert of_page(headers) == [("x_robots_noindex", "GPTBot: noindex", "http_header", "GPTBot")]


def test_a_directive_with_a_value_is_no_agent():
    headers = [("X-Robots-Tag", "max-snippet: 50, noindex"), ("X-Robots-Tag", "unavailable_after: 25 Jun 2030")]
    assert of_page(headers) == [("x_robots_noindex", "max-snippet: 50, noindex", "http_header")]


def test_meta_tags_are_told_by_directive():
    page = {"meta:robots": ["noindex,follow", "noai"], "meta:ccbot": ["noindex"]}
    assert of_page(page=page) == [
        ("meta_noindex", "noindex", "meta", "CCBot"),
        ("meta_noindex", "noindex,follow", "meta"),
        ("meta_noai", "noai", "meta"),
    ]


@pytest.mark.parametrize(("value", "told"), [("1", ["1"]), (" 0 ", ["0"]), ("2", []), ("yes", []), ("", [])])
def test_a_reservation_that_breaks_the_protocol_is_not_said(value, told):
    headers = [("TDM-Reservation", value)]
    assert of_page(headers) == [("tdm_reservation", v, "http_header") for v in told]
    assert of_page(page={"meta:tdm-reservation": [value]}) == [("tdm_reservation", v, "meta") for v in told]


def test_headers_of_preferences_and_policy_are_told_as_they_stand():
    headers = [("Content-Usage", "train-ai=n"), ("TDM-Policy", "https://x.org/p"), ("Content-Signal", "ai-train=no")]
    assert sorted(of_page(headers)) == [
        ("content_signal", "ai-train=no", "http_header"),
        ("content_usage", "train-ai=n", "http_header"),
        ("tdm_policy", "https://x.org/p", "http_header"),
    ]


def test_a_link_to_rsl_terms_is_a_signal_and_no_licence_of_the_page():
    link = '<https://x.org/rsl.xml>; rel="license"; type="application/rsl+xml", <https://x.org/l>; rel=license'
    consent = json.loads(facts.consent([("Link", link)]))
    assert consent == {"link-rsl": ["https://x.org/rsl.xml"], "link-license": ["https://x.org/l"]}
    assert of_page([("Link", link)]) == [("rsl", "https://x.org/rsl.xml", "link")]
    tag = '<link rel="license" type="application/rsl+xml" href="/rsl.xml">'
    assert of_page(page=meta(f"<head>{tag}</head>")) == [("rsl", "/rsl.xml", "link")]


def test_the_first_rule_of_tdmrep_that_matches_holds():
    text = '[{"location": "/open/*", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1, "tdm-policy": "p"}]'
    files = HostFiles(tdmrep=tuple(tdmrep.parse(text)))
    assert of_host(files, "https://example.org/open/x") == [("tdm_reservation", "0", "tdmrep")]
    assert of_host(files) == [("tdm_reservation", "1", "tdmrep"), ("tdm_policy", "p", "tdmrep")]


@pytest.mark.parametrize(
    "text",
    [
        "", "no json", "{}", "[1]", "[" * 100_000, '[{"location": "/", "tdm-reservation": 2}]',
        '[{"location": "/", "tdm-reservation": "1"}]', '[{"location": "/", "tdm-reservation": true}]',
        '[{"tdm-reservation": 1}]', '[{"location": 5, "tdm-reservation": 1}]',
    ],
)  # fmt: skip
def test_a_tdmrep_file_that_breaks_the_protocol_says_nothing(text):
    assert tdmrep.parse(text) == []


TERMS = """<rsl xmlns="https://rslstandard.org/rsl"><content url="/news/*"><license>
<permits type="usage">search</permits><prohibits type="usage">ai-train, ai-input</prohibits></license></content>
<content url="https://example.org/"><license><prohibits>all</prohibits></license></content></rsl>"""


def test_rsl_terms_are_told_for_the_content_that_they_cover():
    terms = rsl.parse(TERMS)
    at = "https://example.org/rsl.xml"
    news = rsl.holding(terms, at, "https://example.org/news/1")
    assert [str(term) for term in news] == [
        "permits usage search",
        "prohibits usage ai-train ai-input",
        "prohibits usage all",
    ]
    assert [str(term) for term in rsl.holding(terms, at, "https://example.org/x")] == ["prohibits usage all"]


@pytest.mark.parametrize(
    "text",
    [
        "no xml",
        "<rsl><content>",
        '<!DOCTYPE rsl [<!ENTITY a "b">]><rsl><content url="/"><permits>&a;</permits></content></rsl>',
        "<a>" * 10_000,
        "<rsl>" + "<permits>x</permits>" * 5_000 + "</rsl>",
    ],
)
def test_hostile_or_broken_rsl_says_nothing(text):
    assert rsl.parse(text) == []


def test_a_link_to_terms_that_are_known_is_followed_by_what_they_say():
    files = HostFiles(rsl={"https://example.org/rsl.xml": tuple(rsl.parse(TERMS))})
    robots = Robots("License: /rsl.xml\nUser-agent: *\nAllow: /")
    found = reservations.with_terms(reservations.of_host(URL, robots, files), URL, files)
    assert [(s["value"], s["where"]) for s in found] == [
        ("/rsl.xml", "robots_txt"),
        ("prohibits usage all", "robots_txt"),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("User-Agent: *\nDisallow: *.html\n", "disallow"),
        ("User-Agent: *\nDisallow: *.txt\nAllow: *.html\n", "disallow"),
        ("User-Agent: *\nDisallow: /\n", "disallow"),
        ("User-Agent: *\nDisallow: *.png\n", "allow"),
        ("User-Agent: *\nAllow: /\n", "allow"),
    ],
)
def test_ai_txt_is_asked_for_the_page_and_for_pages_of_text(text, told):
    assert of_host(HostFiles(ai_txt=Robots(text)), "https://example.org/a") == [("ai_txt", told, "ai_txt")]


def test_an_ai_txt_without_rules_says_nothing():
    row = {
        "kind": "ai_txt",
        "state": "read",
        "body": "# About this site\nHello",
        "fetched_at": None,
        "shard": "s",
        "offset": 0,
    }
    assert Site([row]).files.ai_txt is None


def test_signals_are_told_once_in_a_fixed_order_and_at_most_so_many():
    many = [{"signal": "rsl", "value": str(i), "where": "link"} for i in range(100)] * 2
    assert len(json.loads(reservations.as_json(many))) == reservations.MAX_SIGNALS
    assert reservations.as_json(many) == reservations.as_json(list(reversed(many)))


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (200, "User-agent: *", "read"),
        (200, "", "read"),
        (200, "x" * (MAX_BYTES + 1), "too_large"),
        (200, bytes(range(128, 256)) * 9 + b"\0" * 999, "undecodable"),
        (404, "<html>", "missing"),
        (403, "", "missing"),
        (410, "", "missing"),
        (429, "", "unreachable"),
        (500, "", "unreachable"),
        (503, "", "unreachable"),
        (204, "", "read"),
        (304, "", "undecodable"),
    ],
)
def test_the_state_of_a_file_follows_its_status(status, body, state):
    row = host_files.of_record(record("https://example.org/robots.txt", body, status), "s")
    assert row["state"] == state
    assert (row["body"] is not None) == (state in ("read", "too_large"))
    assert len(row["body"] or "") <= MAX_BYTES


def test_a_stray_byte_is_no_reason_not_to_read_the_rest():
    row = host_files.of_record(record("https://example.org/robots.txt", b"User-agent: *\nDisallow: /\0\xff\n" * 3), "s")
    assert row["state"] == "read"


def test_a_redirect_keeps_where_it_went():
    moved = record(
        "https://example.org/robots.txt", "", 301, headers=[("Location", "https://www.example.org/robots.txt")]
    )
    row = host_files.of_record(moved, "s")
    assert (row["state"], row["body"]) == ("redirected", "https://www.example.org/robots.txt")


def test_a_body_that_unpacks_to_a_bomb_is_a_state_and_not_a_crash():
    bomb = gzip.compress(b"#" * (40 << 20))
    archive = hosts.response("https://example.org/robots.txt", bomb, headers=[("Content-Encoding", "gzip")])
    (row,) = host_files.of_archive(io.BytesIO(archive), "x.warc.gz", "s")
    assert (row["state"], row["body"]) == ("too_large", None)


@pytest.mark.parametrize(
    ("url", "media_type", "kind"),
    [
        ("https://example.org/robots.txt", None, "robots_txt"),
        ("https://example.org/robots.txt?x=1", None, "robots_txt"),
        ("https://example.org/sub/robots.txt", None, None),
        ("https://example.org/ai.txt", None, "ai_txt"),
        ("https://example.org/.well-known/tdmrep.json", "text/html", "tdmrep"),
        ("https://example.org/license.xml", "application/rsl+xml", "rsl"),
        ("https://example.org/license.xml", "text/xml", None),
        (None, None, None),
    ],
)
def test_a_file_is_known_by_its_address_or_type(url, media_type, kind):
    assert host_files.kind_of(url, media_type) == kind
