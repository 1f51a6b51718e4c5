"""What DCLM's mappers make of texts. Run by peers.py in a venv of its own: python peers_dclm.py INPUT OUTPUT OPTIONS.

DCLM is no package: OPTIONS names a checkout of mlfoundations/dclm. Its package initialisers import models that are not
needed here (kenlm, transformers), so they are left out. Every rule judges the text as it came, alone, so that no rule
hides another (those over n-grams share the words, as the peer's own cache does); the editors are applied one by one to
the text as it came, and those of RefinedWeb once more in the order of `dclm_baseline_refinedweb.yaml`.
"""

import functools
import json
import os
import sys
import time
import types
from collections import Counter
from pathlib import Path


def packages(checkout):
    """Let DCLM's modules be imported without running its initialisers."""
    os.chdir(checkout)
    sys.path[:0] = [checkout, str(Path(checkout) / "baselines")]
    for name in ("baselines", "baselines.core", "core", "baselines.mappers", "baselines.mappers.filters"):
        module = types.ModuleType(name)
        inside = name if name.startswith("baselines") else f"baselines.{name}"
        module.__path__ = [str(Path(checkout, *inside.split(".")))]
        sys.modules[name] = module
    sys.modules["transformers"] = types.ModuleType("transformers")
    sys.modules["transformers"].AutoTokenizer = None


def rules(content):
    """A function of the page for each rule; an empty list means drop."""
    repeated = {
        "max_duplicate_line_ratio": ("line", 0.3, False),
        "max_duplicate_paragraph_ratio": ("paragraph", 0.3, False),
        "max_duplicate_line_char_ratio": ("line", 0.2, True),
        "max_duplicate_paragraph_char_ratio": ("paragraph", 0.2, True),
    }
    tops = {2: 0.2, 3: 0.18, 4: 0.16}
    doubles = {5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10}
    part = functools.partial
    found = {
        "gopher_quality.min_words": part(
            content.page_length_filter, length_type="word", min_length=50, ignore_punctuation=True
        ),
        "gopher_quality.max_words": part(
            content.page_length_filter, length_type="word", max_length=100_000, ignore_punctuation=True
        ),
        "gopher_quality.min_mean_word_chars": part(content.word_length_filter, min_length=3),
        "gopher_quality.max_mean_word_chars": part(content.word_length_filter, max_length=10),
        "gopher_quality.max_symbol_ratio": part(content.symbol_ratio_filter, max_symbol_to_word_ratio=0.1),
        "gopher_quality.max_bullet_line_ratio": part(content.bullet_count_filter, max_bullet_start_ratio=0.9),
        "gopher_quality.max_ellipsis_line_ratio": part(content.ellipsis_count_filter, max_ellipsis_end_ratio=0.3),
        "gopher_quality.min_alpha_word_ratio": part(content.alphabetic_word_ratio_filter, max_ratio=0.2),
        "gopher_quality.min_stop_words": part(content.stop_word_filter, count_unique=False, min_stop_word=2),
    }
    for rule, (granularity, most, characters) in repeated.items():
        found[f"gopher_repetition.{rule}"] = part(
            content.repetition_filter, granularity=granularity, max_fraction=most, count_characters=characters
        )
    for kind, sizes in (("top", tops), ("duplicate", doubles)):
        for n, most in sizes.items():
            found[f"gopher_repetition.max_{kind}_{n}_gram_char_ratio"] = part(
                content.repetition_filter, granularity=n, max_fraction=most
            )
    found["gopher_repetition"] = content.massive_web_repetition_filters
    return found


def urls(metadata, lists):
    """The rules over addresses, for which the checkout has lists; its list of domains is not in it."""
    named = "baselines/mappers/banlists/refinedweb_banned_words_{}_reverse_engineered.txt".format
    build = metadata.url_substring_filter
    found = {
        "url_blocklist.strict": build(banlist_from_fname=named("strict"), ignore_chars=["-", "."]),
        "url_blocklist.hard": build(banlist_from_fname=named("hard"), match_substrings=False),
        "url_blocklist.soft": build(banlist_from_fname=named("soft"), num_banned_substrs=2, match_substrings=False),
    }
    if lists.get("domains"):
        found["url_blocklist.domains"] = build(
            banlist_from_fname=lists["domains"], exact_domain_match=True, ignore_chars=["www"]
        )
    return found


def editors(change):
    """The editors of `dclm_baseline_refinedweb.yaml` and of `c4.yaml`, by name."""
    part = functools.partial
    said = functools.partial(change.substring_line_modifier, max_length=10, remove_substring_only=True)
    policy = ["terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies"]
    return {
        "url_removal": change.url_removal_modifier(),
        "newline_removal": change.newline_removal_modifier(max_consecutive=2),
        "uppercase_line": part(change.uppercase_ratio_line_modifier, max_ratio=0.5),
        "numeric_line": part(change.numeric_ratio_line_modifier, max_ratio=0.999999),
        "counter_line": change.counter_line_modifier(),
        "one_word_line": part(change.line_length_modifier, min_length=2),
        "items_in_cart": said(banlist="items in cart"),
        "read_more": said(banlist="Read more...", location="suffix"),
        "sign_in": said(banlist="Sign-in", location="prefix"),
        "citation_removal": change.citation_removal_modifier(),
        "c4_long_word": part(change.word_length_modifier, max_length=1000, model="split"),
        "c4_punctuation": change.punctuation_line_modifier(remove_ellipses=True),
        "c4_short_line": part(change.line_length_modifier, min_length=5),
        "c4_javascript": change.substring_line_modifier(banlist=["javascript"]),
        "c4_policy": change.substring_line_modifier(banlist=policy),
        "line_dedup": part(change.within_page_dedup, granularity="line", normalize=True),
    }


REFINEDWEB = (
    "uppercase_line", "numeric_line", "counter_line", "one_word_line", "items_in_cart", "read_more", "sign_in",
)  # fmt: skip


def values(text, words):
    """The numbers behind the rules, by the same splitters."""
    segments = {"line": text.split("\n"), "paragraph": text.split("\n\n")}
    out = {}
    for kind, parts in segments.items():
        parts = [p.strip() for p in parts if p.strip()]
        copies = {p: c for p, c in Counter(parts).items() if c > 1}
        several = len(parts) > 1
        out[f"{kind}s"] = len(parts)
        out[f"duplicate_{kind}_ratio"] = sum(copies.values()) / len(parts) if several else 0
        chars = sum(map(len, parts))
        out[f"duplicate_{kind}_char_ratio"] = sum(len(p) * c for p, c in copies.items()) / chars if several else 0
    out["symbol_free_words"] = len(words(text, ignore_punctuation=True))
    split = text.split()
    out["mean_word_chars"] = sum(map(len, split)) / len(split) if split else 0
    return out


def applied(modify, text):
    """The edited text; a dropped page is an empty one."""
    page = {"text": text}
    pages = modify(page)
    return pages[0]["text"] if pages else ""


def main(source, output, options):
    packages(options["checkout"])
    from baselines.mappers import core_utils, modifiers
    from baselines.mappers.filters import content_filters, metadata_filters

    filters, by_url, edits = rules(content_filters), urls(metadata_filters, options), editors(modifiers)
    seconds = Counter()
    with Path(source).open(encoding="utf-8") as lines, Path(output).open("w", encoding="utf-8") as out:
        for line in lines:
            row = json.loads(line)
            text, drops, texts = row["text"], {}, {}
            cache = {}
            for name, judge in {**filters, **by_url}.items():
                shared = {"cache": cache} if name.startswith("gopher_repetition.") else {}
                start = time.process_time()
                drops[name] = not judge({"text": text, "url": row["url"]}, **shared)
                seconds[name] += time.process_time() - start
            for name, modify in edits.items():
                start = time.process_time()
                texts[name] = applied(modify, text)
                seconds[name] += time.process_time() - start
            whole = text
            for name in REFINEDWEB:
                whole = applied(edits[name], whole) if whole else whole
            texts["refinedweb"] = whole
            left = len(core_utils.split_words(whole, ignore_punctuation=True))
            found = values(text, core_utils.split_words)
            counted = found["symbol_free_words"]
            # As word_removal_ratio_filter; it drops a page without words.
            found["removed_word_ratio"] = (counted - left) / counted if counted else 1
            changed = {name: edited for name, edited in texts.items() if edited != text}
            out.write(json.dumps({"doc_id": row["doc_id"], "drops": drops, "values": found, "texts": changed}) + "\n")
        out.write(json.dumps({"seconds": seconds}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))
