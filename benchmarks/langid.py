"""How well languages are told: macro F1 of the models on sentences of 75 languages and on paragraphs of 400.

Run: python -m benchmarks.langid FOLDER, the folder with lingua_sentences.jsonl.gz (lingua's test sentences) and
udhr.jsonl.gz (Unicode's Universal Declarations of Human Rights). Labels are compared by headwater/text/labels.py,
without scripts. A language counts where a model has a label for it; a text in any other that is given its label counts
against it, and so the figures on texts in these languages alone are higher. `lingua` is asked where it is installed.
"""

import gzip
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from headwater.language import identify, second
from headwater.settings import EMBEDDED_MODEL
from headwater.text.labels import MEMBERS, language_of

Model = Callable[[Sequence[str]], list[str | None]]
WORST = 10


def sentences(folder: Path) -> list[tuple[str, str]]:
    """Language and text of lingua's test sentences."""
    return [(language_of(row["lang"]), row["text"]) for row in _rows(folder / "lingua_sentences.jsonl.gz")]


def paragraphs(folder: Path) -> list[tuple[str, str]]:
    """Language and text of the paragraphs of the declarations."""
    rows = _rows(folder / "udhr.jsonl.gz")
    return [(language_of(f"{row['iso639_3']}_{row['script']}"), row["text"]) for row in rows]


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        yield from map(json.loads, stream)


def lid176(texts: Sequence[str]) -> list[str | None]:
    """The embedded fastText model."""
    return identify(texts, EMBEDDED_MODEL)[0]


def spoken_by_lid176() -> set[str]:
    """Languages that the embedded model has a label for."""
    import fasttext

    fasttext.FastText.eprint = lambda *_: None
    model = fasttext.load_model(str(EMBEDDED_MODEL))
    return {language_of(label.removeprefix("__label__")) for label in model.labels}


def spoken_by_lingua() -> set[str]:
    """Languages that lingua has a label for."""
    from lingua import Language

    return {language_of(each.iso_code_639_1.name.lower()) for each in Language.all()}


def scores(truth: Sequence[str], said: Sequence[str | None], known: set[str]) -> dict[str, float]:
    """F1 of each language that is both in the data and known to the model.

    Serbo-Croatian is right for each of its languages: lid.176 has labels for it and for them.
    """
    found = [language_of(label) if label is not None else None for label in said]
    found = [t if f in MEMBERS and t in MEMBERS[f] else f for t, f in zip(truth, found, strict=True)]
    right = Counter(t for t, f in zip(truth, found, strict=True) if t == f)
    there, given = Counter(truth), Counter(found)
    return {each: 2 * right[each] / (there[each] + given[each]) for each in there if each in known}


def alone(data: Sequence[tuple[str, str]], known: set[str]) -> list[tuple[str, str]]:
    """The texts in languages that a model has a label for."""
    return [(language, text) for language, text in data if language in known]


def macro(by_language: dict[str, float]) -> float:
    """Mean over languages."""
    return sum(by_language.values()) / len(by_language)


def tell(
    what: str, name: str, data: Sequence[tuple[str, str]], model: Model, known: set[str], shared: set[str]
) -> None:
    """Print the figures of one model on one set of texts."""
    truth, texts = [language for language, _ in data], [text for _, text in data]
    model(texts[:1])
    before = time.process_time()
    said = model(texts)
    speed = sum(len(text.encode()) for text in texts) / 1e6 / (time.process_time() - before)
    every = scores(truth, said, known)
    inside = [(t, s) for t, s in zip(truth, said, strict=True) if t in known]
    closed = scores([t for t, _ in inside], [s for _, s in inside], known)
    both = [score for language, score in every.items() if language in shared]
    print(f"{what}: {name}: macro F1 {macro(every):.4f} over {len(every)} languages, {speed:.2f} MB/s")
    print(f"  on texts in these alone {macro(closed):.4f}; over {len(both)} that all know {sum(both) / len(both):.4f}")
    worst = sorted(every.items(), key=lambda pair: pair[1])[:WORST]
    print("  worst: " + ", ".join(f"{language} {score:.2f}" for language, score in worst))


def main() -> None:
    folder = Path(sys.argv[1])
    models: list[tuple[str, Model, set[str]]] = [("lid.176", lid176, spoken_by_lid176())]
    if find_spec("lingua") is not None:
        models.append(("lingua", second.identify, spoken_by_lingua()))
    shared = set.intersection(*(known for _, _, known in models))
    for what, data in (("sentences", sentences(folder)), ("paragraphs", paragraphs(folder))):
        for name, model, known in models:
            tell(what, name, data, model, known, shared)


if __name__ == "__main__":
    main()
