"""Make languages/fineweb2 from a checkout of github.com/huggingface/fineweb-2: its numbers under our names of options.

`python -m scripts.fineweb2_languages CHECKOUT [LANG ...]`. A file says all that FineWeb2 sets for a language, the rules
that it switches off included. English, which FineWeb2 does not have, gets the numbers of FineWeb.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

OUT = Path(__file__).resolve().parent.parent / "languages" / "fineweb2"
REPOSITORY = "github.com/huggingface/fineweb-2"
# Languages of which most people will have texts: those of lingua's test sentences, and more by number of speakers.
LANGUAGES = (
    "afr_Latn", "als_Latn", "amh_Ethi", "arb_Arab", "asm_Beng", "azj_Latn", "bel_Cyrl", "ben_Beng", "bos_Latn",
    "bul_Cyrl", "cat_Latn", "ceb_Latn", "ces_Latn", "cmn_Hani", "cym_Latn", "dan_Latn", "deu_Latn", "ekk_Latn",
    "ell_Grek", "epo_Latn", "eus_Latn", "fas_Arab", "fil_Latn", "fin_Latn", "fra_Latn", "gle_Latn", "glg_Latn",
    "guj_Gujr", "hau_Latn", "hat_Latn", "heb_Hebr", "hin_Deva", "hrv_Latn", "hun_Latn", "hye_Armn", "ibo_Latn",
    "ind_Latn", "isl_Latn", "ita_Latn", "jav_Latn", "jpn_Jpan", "kan_Knda", "kat_Geor", "kaz_Cyrl", "khk_Cyrl",
    "khm_Khmr", "kin_Latn", "kir_Cyrl", "kmr_Latn", "kor_Hang", "lao_Laoo", "lat_Latn", "lit_Latn", "ltz_Latn",
    "lug_Latn", "lvs_Latn", "mal_Mlym", "mar_Deva", "mkd_Cyrl", "mlt_Latn", "mri_Latn", "mya_Mymr", "nld_Latn",
    "nno_Latn", "nob_Latn", "npi_Deva", "ory_Orya", "pan_Guru", "pbt_Arab", "plt_Latn", "pol_Latn", "por_Latn",
    "ron_Latn", "rus_Cyrl", "sin_Sinh", "slk_Latn", "slv_Latn", "sna_Latn", "snd_Arab", "som_Latn", "sot_Latn",
    "spa_Latn", "srp_Cyrl", "sun_Latn", "swe_Latn", "swh_Latn", "tam_Taml", "tat_Cyrl", "tel_Telu", "tgk_Cyrl",
    "tha_Thai", "tsn_Latn", "tso_Latn", "tuk_Latn", "tur_Latn", "uig_Arab", "ukr_Cyrl", "urd_Arab", "uzn_Latn",
    "vie_Latn", "xho_Latn", "ydd_Hebr", "yor_Latn", "yue_Hani", "zul_Latn",
)  # fmt: skip
ENGLISH: dict[str, dict[str, Any]] = {
    "language": {"min_score": 0.65},
    "gopher_repetition": {
        "max_duplicate_line_ratio": 0.3,
        "max_duplicate_paragraph_ratio": 0.3,
        "max_duplicate_line_char_ratio": 0.2,
        "max_duplicate_paragraph_char_ratio": 0.2,
        **{f"max_top_{n}_gram_char_ratio": value for n, value in ((2, 0.20), (3, 0.18), (4, 0.16))},
        **{f"max_duplicate_{n}_gram_char_ratio": round(0.20 - n / 100, 2) for n in range(5, 11)},
    },
    "fineweb": {
        "min_terminal_line_ratio": 0.12,
        "max_short_line_ratio": 0.67,
        "max_duplicate_char_ratio": 0.01,
        "max_newline_ratio": 0.3,
    },
    "gopher_quality": {
        "min_mean_word_chars": 3,
        "max_mean_word_chars": 10,
        "min_alpha_word_ratio": 0.8,
        "stop_words": ["the", "be", "to", "of", "and", "that", "have", "with"],
        "min_stop_words": 2,
    },
}


def converted(numbers: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A configuration of FineWeb2 (configs/*.yml and what its pipeline sets for all) as options of our filters."""
    top = {f"max_top_{n}_gram_char_ratio": value for n, value in numbers["top_n_grams"]}
    duplicate = {f"max_duplicate_{n}_gram_char_ratio": value for n, value in numbers["dup_n_grams"]}
    # -1 is below any share: the rule is off.
    terminal = numbers["line_punct_thr"] if numbers["line_punct_thr"] > 0 else None
    return {
        "language": {"min_score": numbers["language_score"]},
        "gopher_repetition": {
            "max_duplicate_line_ratio": numbers["dup_line_frac"],
            "max_duplicate_paragraph_ratio": None,
            "max_duplicate_line_char_ratio": None,
            "max_duplicate_paragraph_char_ratio": None,
            **top,
            **duplicate,
        },
        "fineweb": {
            "min_terminal_line_ratio": terminal,
            "max_short_line_ratio": None,
            "max_duplicate_char_ratio": 0.1,
            "max_newline_ratio": numbers["new_line_ratio"],
        },
        "gopher_quality": {
            "min_mean_word_chars": numbers["min_avg_word_length"],
            "max_mean_word_chars": numbers["max_avg_word_length"],
            "min_alpha_word_ratio": numbers["max_non_alpha_words_ratio"],
            "stop_words": numbers["stopwords"],
            "min_stop_words": 2,
        },
    }


def write(label: str, comment: str, source: str, filters: dict[str, dict[str, Any]]) -> None:
    """One file of languages/fineweb2."""
    said = yaml.safe_dump({"source": source, "filters": filters}, allow_unicode=True, sort_keys=False, width=120)
    (OUT / f"{label}.yaml").write_text(f"# {comment}\n{said}", encoding="utf-8")


def main() -> None:
    checkout, labels = Path(sys.argv[1]), sys.argv[2:] or LANGUAGES
    OUT.mkdir(parents=True, exist_ok=True)

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", "-C", str(checkout), *arguments], capture_output=True, text=True, check=True
        ).stdout

    commit = git("rev-parse", "HEAD").strip()
    for label in labels:
        numbers = yaml.safe_load(git("show", f"{commit}:configs/{label}.yml"))
        source = f"FineWeb2 (arXiv 2506.20920), {REPOSITORY} configs/{label}.yml at {commit[:7]}"
        write(
            label, f"{REPOSITORY}, Apache-2.0; converted by scripts/fineweb2_languages.py", source, converted(numbers)
        )
    comment = "Numbers of FineWeb (arXiv 2406.17557) as published in datatrove's examples/fineweb.py, Apache-2.0"
    write("eng_Latn", comment, "FineWeb (arXiv 2406.17557): datatrove's defaults, which it uses unchanged", ENGLISH)


if __name__ == "__main__":
    main()
