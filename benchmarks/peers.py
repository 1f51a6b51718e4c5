"""datatrove, Dolma and DCLM beside us: each in a venv of its own, over the same texts.

    python benchmarks/peers.py setup DIR [CHECKOUT]      CHECKOUT: mlfoundations/dclm, which is no package
    python benchmarks/peers.py run DIR PEER INPUT OUTPUT

INPUT has a line of JSON a document: doc_id, url, text. OUTPUT gets one for each: decisions rule by rule, numbers,
edited texts; and a last one with the processor seconds each step took. Their requirements clash with ours and with one
another, so nothing of theirs is ever installed beside us.
"""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

MODEL = Path(__file__).parent.parent / "headwater" / "models" / "lid.176.ftz"
BAD_WORDS = Path(__file__).parent.parent / "headwater" / "bad_words" / "en.txt"
PACKAGES = {
    "datatrove": (
        "datatrove==0.9.0", "spacy==3.8.18", "nltk==3.10.4", "regex", "tldextract==5.4.0", "ftfy==6.3.1",
        "fasttext-numpy2-wheel==0.9.2", "fasteners", "pyahocorasick",
    ),
    "dolma": ("dolma==1.2.1",),
    "dclm": (
        "uniseg==0.10.1", "fasttext-wheel==0.9.2", "numpy<2", "nltk==3.10.4", "unidecode", "blingfire==0.1.8",
        "retrie==0.3.1", "justext", "lxml", "lxml_html_clean", "beautifulsoup4",
    ),
}  # fmt: skip
# Timed by dedup.py and dedup_end_to_end.py alone: they say nothing about documents.
TIMED = {
    "rensa": ("rensa==0.5.0",),
    "datatrove_minhash": (
        "datatrove[io]==0.9.0",
        "spacy==3.8.18",
        "tokenizers",
        "regex",
        "fasteners",
        "orjson",
        "xxhash==3.5.0",
    ),
}


def setup(folder: Path, checkout: str | None = None) -> None:
    """A venv for each peer. The spaCy pipeline is blank and needs no download; nltk's punkt is not used by any rule."""
    for peer, packages in (PACKAGES | TIMED).items():
        if peer != "dclm" or checkout:
            venv.create(folder / peer, with_pip=True)
            subprocess.run([folder / peer / "bin" / "pip", "install", "-q", *packages], check=True)
    if checkout:
        (folder / "dclm" / "checkout").write_text(str(Path(checkout).resolve()))


def options(folder: Path, peer: str) -> dict[str, str]:
    """What a peer would download, from files that are here."""
    if peer in TIMED:
        return {}
    if peer == "dclm":
        return {"checkout": (folder / "dclm" / "checkout").read_text().strip()}
    return {"model": str(MODEL), "bad_words": str(BAD_WORDS)}


def there(folder: Path) -> list[str]:
    """The peers that are set up."""
    ready = {"dclm": folder / "dclm" / "checkout"}
    return [peer for peer in PACKAGES if ready.get(peer, folder / peer / "bin" / "python").exists()]


def run(folder: Path, peer: str, source: Path, output: Path) -> None:
    """Have a peer judge all documents. One thread; nothing is fetched while it runs."""
    script = Path(__file__).with_name(f"peers_{peer}.py")
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HOME": str(folder / "cache"), "HF_HUB_OFFLINE": "1"}
    environment["TLDEXTRACT_CACHE"] = str(folder / "cache" / "tldextract")
    python = folder / peer / "bin" / "python"
    unfinished = output.with_name(f"{output.name}.unfinished").resolve()
    arguments = [str(source.resolve()), str(unfinished), json.dumps(options(folder, peer))]
    subprocess.run([python, "-W", "ignore", script, *arguments], check=True, env=environment)
    unfinished.rename(output)


def results(output: Path) -> tuple[list[dict], dict[str, float]]:
    """What a peer said, in the order of its input, and the seconds each of its steps took."""
    rows = [json.loads(line) for line in output.open(encoding="utf-8")]
    return rows[:-1], rows[-1]["seconds"]


if __name__ == "__main__":
    command, place, *rest = sys.argv[1:]
    if command == "setup":
        setup(Path(place), *rest)
    else:
        run(Path(place), rest[0], Path(rest[1]), Path(rest[2]))
