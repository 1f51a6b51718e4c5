"""Recipes and other options for them, of which what-if must tell what a rerun makes; `SHOWN` is what must change."""

CUT = """
    '''Remove long numbers. Source: none, 2024.'''
    import re
    import numpy as np
    from headwater.document import Edits
    VERSION = 1
    def cut_numbers(texts, *, digits: int = 4):
        '''Runs of so many digits.'''
        found = [(place, match.start(), match.end(), 0, -1)
                 for place, text in enumerate(texts.to_pylist())
                 for match in re.finditer(rb"[0-9]{%d,}" % digits, (text or "").encode())]
        return Edits(*np.array(found, dtype=np.int64).reshape(-1, 5).T, rules=("number",))
"""
WORDS_OF = """
    '''Drop texts with a word. Source: none, 2024.'''
    import numpy as np
    from headwater.document import Finding
    VERSION = 1
    def without(columns, *, word: str | None = None):
        '''One rule.'''
        if word is None:
            return []
        found = np.array([word in text for text in columns["text"].to_pylist()], dtype=np.float64)
        return [Finding("word", found, 1.0, found >= 1.0)]
"""
QUIET = {"resiliparse": {"main_content": False}}
BY_SIGNALS = {"filters": [{"language": {"languages": ["en"], "min_score": 0.5}}, {"gopher_quality": {"min_words": 60}}]}
EDITED = {
    "crawls": ["SAMPLE-2024-10"],
    "filters": [
        {"language": {"languages": ["en", "de"], "min_score": 0.3}},
        {"gopher_quality": {"min_words": 20, "min_alpha_word_ratio": 0.5, "min_stop_words": None}},
        {"c4_lines": {"terminal_punctuation": False, "min_words": 3, "javascript": False}},
        {"refinedweb": {"max_removed_word_ratio": None}},
        {"length": {"min_chars": 200}},
        {"cut_numbers": {"digits": 4}},
        {"touchy": {"word": "mirror"}},
        {"gopher_repetition": {"max_top_2_gram_char_ratio": 0.1}},
        {"without": {"word": None}},
    ],
}
UNION = {**BY_SIGNALS, "extractors": ["resiliparse", QUIET], "prefer": "longest"}
EDITED_UNION = {**EDITED, "extractors": [QUIET, "resiliparse"]}

CASES = {
    "stricter": (BY_SIGNALS, ["gopher_quality.min_words=150"]),
    "looser": (BY_SIGNALS, ["gopher_quality.min_words=5"]),
    "off": (BY_SIGNALS, ["gopher_quality.min_words=null"]),
    "the same": (BY_SIGNALS, ["gopher_quality.min_words=60"]),
    "two at once": (BY_SIGNALS, ["gopher_quality.min_words=10", "language.min_score=0.8"]),
    "a list": (BY_SIGNALS, ["language.languages=[ru, en]"]),
    "stricter before an editor": (EDITED, ["gopher_quality.min_words=100"]),
    "looser before an editor": (EDITED, ["gopher_quality.min_alpha_word_ratio=0.2", "language.languages=null"]),
    "an editor's option": (EDITED, ["c4_lines.min_words=6"]),
    "an editor's option that only changes texts": (EDITED, ["cut_numbers.digits=2"]),
    "after an editor, stricter": (EDITED, ["length.min_chars=1000"]),
    "after an editor, looser": (EDITED, ["length.min_chars=null", "gopher_repetition.max_top_2_gram_char_ratio=null"]),
    "a share of what an editor removed": (EDITED, ["refinedweb.max_removed_word_ratio=0.05"]),
    "a share of what an editor removed, as DCLM counts": (
        EDITED,
        ["refinedweb.mode=dclm", "refinedweb.max_removed_word_ratio=0.05"],
    ),
    "a step that raises": (EDITED, ["touchy.word=source"]),
    "a filter that reads texts": (EDITED, ["without.word=install"]),
    "before and after an editor": (EDITED, ["gopher_quality.min_words=80", "length.min_chars=100"]),
    "a union, stricter": (UNION, ["gopher_quality.min_words=150"]),
    "a union, looser": (UNION, ["gopher_quality.min_words=5", "language.languages=null"]),
    "a union with editors": (EDITED_UNION, ["gopher_quality.min_words=100", "length.min_chars=900"]),
    "a union with another editor": (EDITED_UNION, ["c4_lines.min_words=1", "length.min_chars=null"]),
}
SHOWN = {
    "looser": "gained",
    "off": "gained",
    "a list": "gained",
    "looser before an editor": "gained",
    "an editor's option": "other_text",
    "an editor's option that only changes texts": "other_text",
    "after an editor, looser": "gained",
    "a step that raises": "gained",
    "a union, looser": "gained",
    "a union with another editor": "other_text",
}
