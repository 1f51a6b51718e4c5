"""Drop pages whose address is on a list of domains or addresses, or has listed words in it.

Source: the address filter of RefinedWeb (Penedo et al. 2023, arXiv 2306.01116) in two modes that peers run:

* `datatrove` (github.com/huggingface/datatrove, its URLFilter), in this order. `domains`: the registered domain (the
  column `domain`) or the whole host is listed. `urls`: the whole address is. Hard and soft words are whole stretches of
  ASCII letters and digits, in the case they are written in; a strict word stands anywhere in the small letters and
  digits of the address, all else taken out. All words are stripped of what is no ASCII letter or digit first.
* `dclm` (arXiv 2406.11794, its url_substring_filter), in this order. `domains`: the host without a leading "www." is
  listed. A strict word stands anywhere in the address without "-" and "."; a hard or soft word between characters that
  are no letters, digits or low lines; all in any case. `urls`: the whole address.

Rules: `domains` and `urls` have value 1 where listed, else 0, against 0; `max_strict_words`, `max_hard_words` and
`max_soft_words` count different words. A value equal to the threshold passes, so that two soft words drop a page. A
rule is off where its list or threshold is None.

Lists are files {name: SHA-256 or null} of the project's `lists` folder (docs/lists.md). Hosts are compared in small
ASCII letters (xn--), without user, port and the root's dot. DCLM compares a host with its port and user, and takes out
every "www", not its dot; datatrove takes an IP address for no domain.
"""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headwater.document import Columns, Finding
from headwater.text.entries import Members, once
from headwater.text.hosts import ascii_host, hosts
from headwater.text.phrases import Phrases, compile_phrases

VERSION = 1
LISTS = ("domains", "urls", "strict_words", "hard_words", "soft_words")
Files = Mapping[str, str | None]
Mode = Literal["datatrove", "dclm"]
NOT_PLAIN = "[^a-zA-Z0-9]+"


def url_blocklist(
    columns: Columns,
    *,
    domains: Files | None = None,
    urls: Files | None = None,
    strict_words: Files | None = None,
    hard_words: Files | None = None,
    soft_words: Files | None = None,
    max_strict_words: float | None = 0,
    max_hard_words: float | None = 0,
    max_soft_words: float | None = 1,
    mode: Mode = "datatrove",
) -> list[Finding]:
    """Findings of the rules that are on, in the order of the mode. `columns` has `url` and `domain`."""
    addresses = pc.fill_null(columns["url"], "")
    findings: dict[str, Finding] = {}
    if domains is not None:
        found = _on_domains(columns, addresses, domains, mode)
        findings["domains"] = _more("domains", found.astype(np.float64), 0)
    if urls is not None:
        listed = once(Members, urls).holds(addresses)
        findings["urls"] = _more("urls", listed.astype(np.float64), 0)
    words = (("strict", strict_words, max_strict_words), ("hard", hard_words, max_hard_words))
    forms: dict[str, pa.Array] = {}
    for kind, files, most in (*words, ("soft", soft_words, max_soft_words)):
        if files is not None and most is not None:
            way = "part" if kind == "strict" else "whole"
            forms[way] = forms[way] if way in forms else FORMS[mode, way](addresses)
            count = once(LISTED[mode, way], files).count(forms[way])[1]
            findings[kind] = _more(f"max_{kind}_words", count.astype(np.float64), most)
    order = ("domains", "urls", "hard", "soft", "strict")
    if mode == "dclm":
        order = ("domains", "strict", "hard", "soft", "urls")
    return [findings[rule] for rule in order if rule in findings]


def _more(rule: str, value: npt.NDArray[np.float64], most: float) -> Finding:
    return Finding(rule, value, most, value > most)


def _on_domains(columns: Columns, addresses: pa.Array, files: Files, mode: Mode) -> npt.NDArray[np.bool_]:
    """Whether the domain or host of each address is listed."""
    listed, found = once(_domains, files), hosts(addresses)
    if mode == "dclm":
        return listed.holds(pc.replace_substring_regex(found, r"^www\.", ""))
    return listed.holds(found) | listed.holds(pc.fill_null(columns["domain"], ""))


def _domains(entries: list[str]) -> Members:
    return Members(ascii_host(entry) for entry in entries)


def _plain(entries: list[str]) -> set[str]:
    return {"".join(char for char in entry if char.isascii() and char.isalnum()).lower() for entry in entries}


def _plain_parts(entries: list[str]) -> Phrases:
    return compile_phrases(_plain(entries), whole=False)


def _plain_words(entries: list[str]) -> Phrases:
    return compile_phrases(_plain(entries), whole=True, fold=False)


def _parts(entries: list[str]) -> Phrases:
    return compile_phrases(entries, whole=False)


def _words(entries: list[str]) -> Phrases:
    return compile_phrases(entries, whole=True)


# What of an address is searched for words that may stand anywhere in it, and for whole ones; and for which words.
FORMS: Mapping[tuple[Mode, str], Callable[[pa.Array], pa.Array]] = {
    ("datatrove", "part"): lambda addresses: pc.replace_substring_regex(addresses, NOT_PLAIN, ""),
    ("datatrove", "whole"): lambda addresses: pc.replace_substring_regex(addresses, NOT_PLAIN, " "),
    ("dclm", "part"): lambda addresses: pc.replace_substring_regex(addresses, "[-.]", ""),
    ("dclm", "whole"): lambda addresses: addresses,
}
LISTED: Mapping[tuple[Mode, str], Callable[[list[str]], Phrases]] = {
    ("datatrove", "part"): _plain_parts,
    ("datatrove", "whole"): _plain_words,
    ("dclm", "part"): _parts,
    ("dclm", "whole"): _words,
}
