"""Labels of several models are brought to one form."""

import fasttext
import pytest

from headwater.settings import EMBEDDED_MODEL
from headwater.text.labels import among, canonical, language_of, same_language


@pytest.mark.parametrize(("label", "form"), [
    ("en", "eng_Latn"), ("eng", "eng_Latn"), ("eng_Latn", "eng_Latn"), ("EN", "eng_Latn"), ("en-GB", "eng_Latn"),
    ("zh", "cmn_Hani"), ("zho_Hans", "cmn_Hani"), ("zh-Hant-TW", "cmn_Hani"), ("cmn_Hani", "cmn_Hani"),
    ("ar", "arb_Arab"), ("no", "nob_Latn"), ("nb", "nob_Latn"), ("sh", "hbs_Latn"), ("et", "ekk_Latn"),
    ("als", "gsw_Latn"), ("als_Latn", "als_Latn"), ("sq", "als_Latn"), ("ko", "kor_Hang"), ("kor_Kore", "kor_Hang"),
    ("sr", "srp_Cyrl"), ("sr-Latn", "srp_Latn"), ("ja", "jpn_Jpan"), ("jpn_Jpan", "jpn_Jpan"),
])  # fmt: skip
def test_a_label_has_one_form(label, form):
    assert canonical(label) == form
    assert canonical(form) == form


@pytest.mark.parametrize("label", ["", "xx", "zxx", "und", "klingon", "a_b_c", "日本"])
def test_a_label_that_is_not_known_stays_itself(label):
    assert canonical(label) == label
    assert among(label, [label])


def test_a_language_that_is_not_in_the_table_keeps_its_code_and_script():
    assert canonical("tlh_Latn") == "tlh_Latn"


def test_every_label_of_the_embedded_model_is_known():
    fasttext.FastText.eprint = lambda *_: None
    labels = [label.removeprefix("__label__") for label in fasttext.load_model(str(EMBEDDED_MODEL)).labels]
    forms = [canonical(label) for label in labels]
    assert len(labels) == 176
    assert all(len(form) == 8 and form[3] == "_" for form in forms)
    shared = {form for form in forms if forms.count(form) > 1}
    assert shared == set()


def test_the_languages_of_unicodes_declarations_have_a_form(test_data):
    import gzip
    import json

    with gzip.open(test_data / "langid/udhr.jsonl.gz", "rt") as stream:
        rows = {(r["iso639_3"], r["script"]) for r in map(json.loads, stream)}
    forms = {canonical(f"{code}_{script}") for code, script in rows}
    assert all(form == canonical(form) for form in forms)


def test_two_models_agree_by_language_whatever_the_script():
    assert same_language("az", "azj_Cyrl")
    assert same_language("zh", "zho_Hant")
    assert not same_language("no", "nn")
    assert not same_language("als", "als_Latn")


def test_serbo_croatian_agrees_with_each_of_its_languages_that_do_not_agree_with_each_other():
    assert same_language("sh", "hr")
    assert same_language("bs", "sh")
    assert not same_language("bs", "hr")


def test_the_language_of_a_label_is_without_its_script():
    assert [language_of(label) for label in ("en", "zho_Hans", "xx")] == ["eng", "cmn", "xx"]
