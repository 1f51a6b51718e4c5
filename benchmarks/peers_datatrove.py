"""What datatrove's filters say of texts. Run by peers.py in a venv of its own, as peers_datatrove.py IN OUT OPTIONS.

Every rule judges alone, so that no rule hides another: its filter with all other thresholds off. The whole filters run
too, with their defaults; those are timed, and share the words of a text as the peer's own cache does, so that the
first of them pays for the splitting. OPTIONS: `model` (lid.176, in place of a download) and `bad_words` (English).
"""

import json
import re
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path

TOPS = {2: 0.2, 3: 0.18, 4: 0.16}
DOUBLES = {5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10}


def quality(filters):
    """GopherQualityFilter, a rule at a time."""
    thresholds = {
        "min_words": {"min_doc_words": 50},
        "max_words": {"max_doc_words": 100_000},
        "min_mean_word_chars": {"min_avg_word_length": 3},
        "max_mean_word_chars": {"max_avg_word_length": 10},
        "max_bullet_line_ratio": {"max_bullet_lines_ratio": 0.9},
        "max_ellipsis_line_ratio": {"max_ellipsis_lines_ratio": 0.3},
        "min_alpha_word_ratio": {"max_non_alpha_words_ratio": 0.8},
        "min_stop_words": {"min_stop_words": 2},
        "symbols": {"max_symbol_word_ratio": 0.1},
    }
    off = dict.fromkeys((name for on in thresholds.values() for name in on), None)
    return {f"gopher_quality.{rule}": filters.GopherQualityFilter(**{**off, **on}) for rule, on in thresholds.items()}


def repetition(filters):
    """GopherRepetitionFilter, a rule at a time."""
    off = {"dup_line_frac": None, "dup_para_frac": None, "dup_line_char_frac": None, "dup_para_char_frac": None}
    off |= {"top_n_grams": (), "dup_n_grams": ()}
    on = {
        "max_duplicate_paragraph_ratio": {"dup_para_frac": 0.3},
        "max_duplicate_paragraph_char_ratio": {"dup_para_char_frac": 0.2},
        "max_duplicate_line_ratio": {"dup_line_frac": 0.3},
        "max_duplicate_line_char_ratio": {"dup_line_char_frac": 0.2},
        **{f"max_top_{n}_gram_char_ratio": {"top_n_grams": ((n, most),)} for n, most in TOPS.items()},
        **{f"max_duplicate_{n}_gram_char_ratio": {"dup_n_grams": ((n, most),)} for n, most in DOUBLES.items()},
    }
    return {f"gopher_repetition.{rule}": filters.GopherRepetitionFilter(**{**off, **one}) for rule, one in on.items()}


def fineweb(filters):
    """FineWebQualityFilter, a rule at a time."""
    off = {"line_punct_thr": 0, "short_line_thr": 2, "char_duplicates_ratio": 2, "new_line_ratio": float("inf")}
    on = {
        "min_line_punct_ratio": {"line_punct_thr": 0.12},
        "max_short_line_ratio": {"short_line_thr": 0.67},
        "max_duplicate_line_char_ratio": {"char_duplicates_ratio": 0.01},
        "max_newline_word_ratio": {"new_line_ratio": 0.3},
    }
    return {f"fineweb.{rule}": filters.FineWebQualityFilter(**{**off, **one}) for rule, one in on.items()}


def c4(module, options):
    """C4's page filters. C4QualityFilter stops at the first page rule, so that each page rule runs alone."""
    off = {"filter_lorem_ipsum": False, "filter_curly_bracket": False, "min_num_sentences": -1}
    found = {
        "c4.lorem_ipsum": module.C4QualityFilter(**{**off, "filter_lorem_ipsum": True}),
        "c4.curly_bracket": module.C4QualityFilter(**{**off, "filter_curly_bracket": True}),
        "c4.min_sentences": module.C4QualityFilter(**{**off, "min_num_sentences": 5}),
        "c4.min_sentences_any_line": module.C4QualityFilter(
            **{**off, "min_num_sentences": 5, "filter_no_terminal_punct": False}
        ),
        "c4.paragraphs": module.C4ParagraphFilter(),
    }
    if options.get("bad_words"):
        module.cached_asset_path_or_download = lambda *_, **__: options["bad_words"]
        found["c4.bad_words"] = module.C4BadWordsFilter(fail_on_missing_language=False)
    return found


def whole(filters, module, options):
    """The filters with their defaults, as pipelines use them."""
    found = {
        "gopher_quality": filters.GopherQualityFilter(),
        "gopher_repetition": filters.GopherRepetitionFilter(),
        "fineweb": filters.FineWebQualityFilter(),
        "c4": module.C4QualityFilter(),
        "c4_of_fineweb": module.C4QualityFilter(filter_no_terminal_punct=False),
        "url_blocklist": filters.URLFilter(),
    }
    if options.get("model"):
        from fasttext.FastText import _FastText

        for name, wanted in (("language", None), ("language_en", "en")):
            found[name] = filters.LanguageFilter(languages=wanted)
            found[name].model._model = _FastText(options["model"])
    return found


def redacted(formatter, text):
    """The text after PIIFormatter, whose stand-ins take turns anew in each document, so that order does not matter."""
    formatter.emails_replacer._replace_i = formatter.ip_replacer._replace_i = 0
    return formatter.format(text)


def line_editors(module):
    """C4QualityFilter with all that drops a page off: what is left is what it does to lines."""
    pages = {"filter_lorem_ipsum": False, "filter_curly_bracket": False, "min_num_sentences": -1}
    return {
        "c4_lines": module.C4QualityFilter(**pages),
        "c4_lines_of_fineweb": module.C4QualityFilter(**pages, filter_no_terminal_punct=False),
    }


def values(text, words, text_module, repetition_module):
    """The numbers behind the rules, by the peer's own splitters and counters."""
    punctuation, out = text_module.PUNCTUATION_SET, {}
    prose = [w for w in words if any(c not in punctuation for c in w)]
    lines, n = text.splitlines(), max(len(words), 1)
    out["words"], out["symbol_free_words"] = len(words), len(prose)
    out["mean_word_chars"] = sum(map(len, prose)) / max(len(prose), 1)
    out["hash_ratio"] = text.count("#") / n
    out["ellipsis_ratio"] = (text.count("...") + text.count("…")) / n
    out["bullet_line_ratio"] = sum(s.lstrip().startswith(("•", "-")) for s in lines) / max(len(lines), 1)
    out["ellipsis_line_ratio"] = sum(s.rstrip().endswith(("...", "…")) for s in lines) / max(len(lines), 1)
    out["alpha_word_ratio"] = sum(any(c.isalpha() for c in w) for w in words) / n
    out["stop_word_kinds"] = len({"the", "be", "to", "of", "and", "that", "have", "with"} & set(words))
    out["sentences"] = len(text_module.split_into_sentences(text))
    pieces = {"paragraph": re.split(r"\n{2,}", text.strip()), "line": re.split(r"\n+", text)}
    for name, parts in pieces.items():
        copies, chars = repetition_module.find_duplicates(parts)
        out[f"duplicate_{name}_ratio"] = copies / len(parts)
        out[f"duplicate_{name}_char_ratio"] = chars / max(len(text), 1)
    for size in TOPS:
        grams = repetition_module.get_n_grams(words, size)
        top = repetition_module.find_top_duplicate(grams) if grams else 0
        out[f"top_{size}_gram_char_ratio"] = top / max(len(text), 1)
    for size in DOUBLES:
        out[f"duplicate_{size}_gram_char_ratio"] = repetition_module.find_all_duplicate(words, size) / max(len(text), 1)
    return out


def verdict(judge, document):
    """None, or the reason to drop; what the peer raises is an answer, too."""
    try:
        said = judge.filter(document)
    except Exception as error:  # noqa: BLE001  # whatever the peer raises
        return f"raises {type(error).__name__}"
    kept, reason = said if isinstance(said, tuple) else (said, "dropped")
    return None if kept else reason


def main(source, output, options):
    from datatrove.data import Document
    from datatrove.pipeline import filters, formatters
    from datatrove.pipeline.filters import c4_filters, gopher_repetition_filter
    from datatrove.utils import text as text_module

    alone = {**quality(filters), **repetition(filters), **fineweb(filters), **c4(c4_filters, options)}
    defaults, edits = whole(filters, c4_filters, options), line_editors(c4_filters)
    formats, seconds = {"pii": partial(redacted, formatters.PIIFormatter())}, Counter()
    text_module.split_into_words("warm")
    with Path(source).open(encoding="utf-8") as lines, Path(output).open("w", encoding="utf-8") as out:
        for line in lines:
            row = json.loads(line)
            new = partial(Document, text=row["text"], id=row["doc_id"])
            drops, reasons, texts = {}, {}, {}
            text_module.split_into_parts.cache_clear()
            for name, judge in defaults.items():
                document = new(metadata={"url": row["url"]})
                start = time.process_time()
                reasons[name] = verdict(judge, document)
                seconds[name] += time.process_time() - start
                if name == "language":
                    found = {k: document.metadata[k] for k in ("language", "language_score")}
            for name, judge in alone.items():
                drops[name] = verdict(judge, new(metadata={"url": row["url"]}))
            for name, judge in edits.items():
                document = new(metadata={})
                verdict(judge, document)
                texts[name] = document.text
            for name, work in formats.items():
                start = time.process_time()
                texts[name] = work(row["text"])
                seconds[name] += time.process_time() - start
            start = time.process_time()
            words = text_module.split_into_words(row["text"])
            numbers = values(row["text"], words, text_module, gopher_repetition_filter) if row["text"] else {}
            if "language" in defaults:
                numbers |= found
            changed = {name: text for name, text in texts.items() if text != row["text"]}
            said = {"doc_id": row["doc_id"], "drops": drops, "reasons": reasons, "values": numbers, "texts": changed}
            out.write(json.dumps(said) + "\n")
        out.write(json.dumps({"seconds": seconds}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))
