"""What is taken for personal data, what is not, and what is left of a text without it."""

import gzip
import ipaddress
import json
import re
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from headwater import editing
from headwater.editors.pii import pii
from headwater.signals.pii import COLUMNS
from headwater.signals.pii import pii as counted
from headwater.text.pii.datatrove import EMAILS, IPS
from tests.texts import extracted_texts

# A card number of each network with its check digit, all of them published for tests.
CARDS = (
    "4111111111111111",
    "5555555555554444",
    "378282246310005",
    "30569309025904",
    "6011111111111117",
    "3530111333300000",
)
ENTITIES = {
    "EMAIL_ADDRESS": "email", "PHONE_NUMBER": "phone", "IP_ADDRESS": "ip", "CREDIT_CARD": "card", "IBAN_CODE": "iban",
}  # fmt: skip


def redacted(text, **options):
    batch = pa.array([text])
    found = pii(batch, **options)
    editing.check(batch, found, "pii")
    return editing.splice(batch, found)[0].as_py()


FOUND = [
    ("write to john.doe+news@mail.example.co.uk.", "write to <EMAIL>."),
    ("mailto:a@b.com, <c_d@e.museum>", "mailto:<EMAIL>, <<EMAIL>>"),
    ("12345@qq.com", "<EMAIL>"),
    ("call +49 (0)69 979-80 58 now", "call <PHONE> now"),
    ("(555) 123-4567 or 555.123.4567", "<PHONE> or <PHONE>"),
    ("1-800-555-0199 ext. 12, 001-518-640-0854x818", "<PHONE>, <PHONE>"),
    ("Tel: 9472 7916", "Tel: <PHONE>"),
    ("9472 7916 office", "<PHONE> office"),
    ("01.84.17.61.18 and 0431 35 06 90", "<PHONE> and <PHONE>"),
    ("from 106.31.73.20|x", "from <IP>|x"),
    ("http://8.8.40.40:80/", "http://<IP>:80/"),
    ("host 2a00:1450:4001:81b::200e up", "host <IP> up"),
    ("2607:f8b0:4005:0805:0000:0000:0000:200e", "<IP>"),
    ("4111 1111 1111 1111 and 3782-822463-10005", "<CARD> and <CARD>"),
    ("IBAN DE89 3704 0044 0532 0130 00, GB82WEST12345698765432", "IBAN <IBAN>, <IBAN>"),
    ("ring +44 20 7946 0958 now", "ring <PHONE> now"),
    ("4111 1111 1111 1111 12/25 123", "<CARD> 12/25 123"),
    ("3782 822463 10005 01/2027", "<CARD> 01/2027"),
    *((f"4111{sign}1111{sign}1111{sign}1111", "<CARD>") for sign in "\u00a0\u2009\u2011\u2013"),
    *((f"at 555{sign}123{sign}4567", "at <PHONE>") for sign in "\u00a0\u2009\u2011\u2013"),
    *((f"card {card}.", "card <CARD>.") for card in CARDS),
]
PASSED_OVER = (
    "icon@2x.png", "@someone", "a@b", "name@host.notatld", "10.0.0.1", "192.168.1.10", "version v86.0.42.198",
    "1.2.3.4",
    "pkg-10.20.30.40", "86.0.4240.198", "10.20.30.40.50", "2001:db8::1", "12:34:56", "00:1b:44:11:3a:b7", "fe80::1",
    "4111111111111112", "1234567812345670", "94111111111111111112", "2021-03-04", "04.03.2021", "3.14159265358979",
    "978-0-306-40615-7", "10 20 30 40 50", "12 34 555 123 4567", "$555-123-4567", "/555-123-4567", "pp. 231-246 (2003)",
    "012-34-5678", "MA 02111-1307", "01 02 03 04 05", "DE89370400440532013001", "id4111111111111111",
    "4111 1111 1111 1111 13/25", "1234 4111 1111 1111 1111", "1234\u20094111\u20091111\u20091111\u20091111",
    "in office 1990\u20132000", "+12 03 2021", "+12 03 2021 15 30",
    "Tel Aviv 300.000", "1,300,000", "0x4111111111111111",
)  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), FOUND, ids=lambda text: text[:40])
def test_what_has_the_form_of_personal_data_is_replaced_by_its_tag(text, wanted):
    assert redacted(text) == wanted


@pytest.mark.parametrize("text", PASSED_OVER)
def test_what_only_resembles_it_stays(text):
    assert redacted(text) == text


@pytest.mark.parametrize("kind", ["emails", "phones", "ips", "cards", "ibans"])
def test_a_kind_that_is_off_stays(kind):
    text = "a@b.com; +49 69 97980-58; 106.31.73.20; 4111111111111111; GB82WEST12345698765432"
    assert redacted(text, **{kind: False}).count("<") == 4


PIECES = (
    *CARDS, "a@b.com", "@", "x", "é", "Tel", "fax ", "call", "+", "(", ")", "-", ".", "/", ":", "::", " ", "  ", "\n",
    ",", "0", "00",
    "1", "12", "555", "123", "4567", "0431", "2021", "1 555 123 4567", "+49", "106.31.73.20", "8.8.8.8", "2a00:1450::1",
    "2001:db8::1", "GB82", "WEST", "DE89370400440532013000", "GB82 WEST 1234 5698 7654 32", "[", "]", "<", ">",
    "<PHONE>",
    "email@example.com", *IPS[:2], "25", "256", "'", "!", "com", "x1",
    "\u2009", "\u2011", "\u2013", "12/25",
    "ext. 12", "4111 1111", " 1111 1111",
)  # fmt: skip
texts = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=15).map(" ".join),
    st.text("0123456789 .-+()@", max_size=40),
)


@pytest.mark.parametrize("mode", ["tags", "datatrove"])
@settings(max_examples=1000, deadline=None)
@given(text=texts)
@example(text="4111 1111 1111 1111 4222222222222 555 123 4567 5555555555554444")
@example(text="0@0.0=@0@0.0 0@0.0=@0.0@0.0 x@[256.1.1.1] 2000:0::00000 1291.2.3.4 x@[1.2.3.4]abc éab'foo@x.com1.2.3.4")
def test_what_was_replaced_is_not_found_again(mode, text):
    once = redacted(text, mode=mode)
    assert redacted(once, mode=mode) == once


def luhn(number):
    digits = [int(digit) for digit in number if digit.isdigit()]
    return sum(d if k % 2 == 0 else sum(divmod(2 * d, 10)) for k, d in enumerate(reversed(digits))) % 10 == 0


def is_iban(text):
    letters = text.replace(" ", "")
    return int("".join(str(int(c, 36)) for c in letters[4:] + letters[:4])) % 97 == 1


VALID = {
    "email": re.compile(r"[\w+][\w.%+-]*@([A-Za-z0-9-]+\.)+[A-Za-z0-9-]+", re.ASCII).fullmatch,
    "ip": lambda text: ipaddress.ip_address(text).is_global,
    "card": lambda text: luhn(text) and 12 <= sum(c.isdigit() for c in text) <= 19,
    "iban": is_iban,
    "phone": lambda text: (
        6 <= sum(c.isdigit() for c in text) <= 22 and not re.search(r"[^\d\s().+/xXextEXT\u2011\u2013-]", text)
    ),
}


@settings(max_examples=1000, deadline=None)
@given(texts)
def test_what_is_found_is_what_the_standard_library_takes_it_for(text):
    found = pii(pa.array([text]))
    for start, stop, rule in zip(found.start, found.stop, found.rule, strict=True):
        kind = found.rules[rule]
        assert VALID[kind](text.encode()[start:stop].decode()), kind


@settings(max_examples=300, deadline=None)
@given(st.ip_addresses(v=4))
def test_public_ipv4_addresses_are_found_and_others_not(address):
    long = [len(part) for part in str(address).split(".")]
    assume(max(long) == 3 or sum(size > 1 for size in long) > 1)
    assert (redacted(f"at {address}") == "at <IP>") == address.is_global


@settings(max_examples=300, deadline=None)
@given(st.ip_addresses(v=6, network="2000::/3"), st.booleans())
def test_global_ipv6_addresses_are_found_in_either_form(address, exploded):
    text = address.exploded if exploded else str(address)
    assert (redacted(f"at {text}") == "at <IP>") == address.is_global


def as_datatrove(text):
    """The patterns of datatrove's PIIFormatter, written anew from what it takes and leaves."""
    octet = "(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)"
    atom, label = r"[\w!#$%&'*+/=?^`{|}~-]+", "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    atom = atom.replace(r"\w", "A-Za-z0-9_")
    host = rf"(?:(?:{label}\.)+{label}|\[(?:{octet}\.){{3}}(?:{octet}|[A-Za-z0-9-]*[A-Za-z0-9]:)\])"
    turns = Counter()

    def address(match):
        own = any(ip in match[0] for ip in IPS)
        leading = re.search(r"(^|\.)0\d", match[0])
        if own or leading or not ipaddress.ip_address(match[0]).is_global:
            return match[0]
        turns["ip"] += 1
        return IPS[(turns["ip"] - 1) % len(IPS)]

    own = [(m.start(), m.end()) for m in re.finditer("|".join(map(re.escape, EMAILS)), text)]
    pattern, pieces, seen = re.compile(rf"\b{atom}(?:\.{atom})*@{host}"), [], 0
    for at, end in zip([0, *(stop for _, stop in own)], [*(start for start, _ in own), len(text)], strict=True):
        while match := pattern.search(text, at, end):
            at = match.end()
            if "@[" in match[0] and any(ip in match[0] for ip in IPS):
                at = text.index("@", match.start()) + 1
                continue
            pieces += [text[seen : match.start()], EMAILS[turns["mail"] % len(EMAILS)]]
            turns["mail"] += 1
            seen = at
    text = "".join([*pieces, text[seen:]])
    return re.sub(rf"(?:{octet}\.){{3}}{octet}", address, text)


@settings(max_examples=1000, deadline=None)
@given(texts)
def test_mode_datatrove_replaces_what_datatrove_replaces_with_what_it_puts(text):
    assert redacted(text, mode="datatrove") == as_datatrove(text)


def test_mode_datatrove_replaces_the_same_on_every_page_of_the_sample(sample):
    plain = list(extracted_texts(sample))
    batch = pa.array(plain)
    got = editing.splice(batch, pii(batch, mode="datatrove")).to_pylist()
    assert got == [as_datatrove(text) for text in plain]


def test_the_stand_ins_come_in_turn_and_begin_anew_with_each_text():
    batch = pa.array(["a@b.com c@d.com e@f.com", "g@h.com"])
    got = editing.splice(batch, pii(batch, mode="datatrove")).to_pylist()
    assert got == [f"{EMAILS[0]} {EMAILS[1]} {EMAILS[0]}", EMAILS[0]]


@settings(max_examples=300, deadline=None)
@given(st.lists(texts, max_size=4))
def test_the_signal_counts_what_the_editor_replaces(batch):
    got, found = counted(pa.array(batch, pa.string())), pii(pa.array(batch, pa.string()))
    for place, column in enumerate(COLUMNS):
        of_kind = found.text[found.rule == place].tolist()
        assert got[column].tolist() == [of_kind.count(text) for text in range(len(batch))]


@pytest.fixture(scope="module")
def labelled(test_data):
    """Texts with labelled made-up PII, of presidio-research."""
    with gzip.open(test_data / "pii_robots" / "presidio_pii.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_precision_and_recall_on_labelled_texts_do_not_fall(labelled):
    plain = [one["full_text"] for one in labelled]
    found = pii(pa.array(plain))
    spans = [[] for _ in plain]
    for text, start, stop, rule in zip(found.text, found.start, found.stop, found.rule, strict=True):
        before = plain[text].encode()[:start].decode()
        own = plain[text].encode()[start:stop].decode()
        spans[text].append((found.rules[rule], len(before), len(before) + len(own)))
    gold, hit, said, right = Counter(), Counter(), Counter(), Counter()
    for one, got in zip(labelled, spans, strict=True):
        wanted = [
            (ENTITIES[s["entity_type"]], s["start_position"], s["end_position"])
            for s in one["spans"]
            if s["entity_type"] in ENTITIES
        ]
        for kind, start, stop in wanted:
            gold[kind] += 1
            hit[kind] += any(k == kind and a <= start and stop <= b for k, a, b in got)
        for kind, start, stop in got:
            said[kind] += 1
            right[kind] += any(k == kind and start < b and a < stop for k, a, b in wanted)
    recall = {kind: hit[kind] / gold[kind] for kind in ENTITIES.values()}
    precision = {kind: right[kind] / said[kind] for kind in ENTITIES.values()}
    floors = {"email": 1.0, "phone": 1.0, "ip": 1.0, "card": 0.99, "iban": 1.0}
    assert {kind: value for kind, value in recall.items() if value < floors[kind]} == {}
    assert {kind: value for kind, value in precision.items() if value < 1.0} == {}


@pytest.mark.parametrize(("text", "left"), [
    ("to me@xn--bcher-kva.com now", "to <EMAIL> now"),
    ("to me@bücher.de now", "to me@bücher.de now"),
    ("to jürgen@gmx.de now", "to jü<EMAIL> now"),
    ("to me@gm\u200bx.de now", "to me@gm\u200bx.de now"),
    ("to ｍｅ@gmx.de now", "to ｍｅ@gmx.de now"),
    ("card ４１１１ １１１１ １１１１ １１１１", "card ４１１１ １１１１ １１１１ １１１１"),
])  # fmt: skip
def test_what_is_not_ascii_is_found_as_far_as_the_documentation_says(text, left):
    assert redacted(text) == left
