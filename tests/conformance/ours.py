"""What our steps make of one text, in the words of the conformance tables."""

from functools import lru_cache

import numpy as np
import pyarrow as pa

from headwater import editing, registry


@lru_cache(maxsize=256)
def columns(text, url="https://www.example.com/page", language="en", score=1.0):
    """Every signal and fact of one text."""
    given = {"text": pa.array([text]), "url": pa.array([url]), "language": pa.array([language])}
    found = dict(given)
    for name, signal in registry.discover("signals").items():
        found |= signal(*(given[column] for column in registry.reads(name)))
    domain = pa.array([url.split("/")[2].removeprefix("www.")])
    return found | {"domain": domain, "language_score": np.array([score]), "chars": np.array([float(len(text))])}


def findings(filter_name, seen, **options):
    """The findings of a filter by rule."""
    return {f.rule: f for f in registry.step("filters", filter_name)(seen, **options)}


def value(filter_name, rule, text, **options):
    """What a rule measures on a text."""
    return float(findings(filter_name, columns(text), **options)[rule].value[0])


def broken(filter_name, seen, **options):
    """The rules of a filter that a document breaks, in order."""
    return [rule for rule, f in findings(filter_name, seen, **options).items() if f.broken[0] or np.isnan(f.value[0])]


def edited(text, *steps):
    """A text after editors (name, options), one after the other."""
    texts = pa.array([text], pa.large_string())
    for name, options in steps:
        texts = editing.splice(texts, registry.step("editors", name)(texts, **options))
    return texts[0].as_py()
