"""Where things are: the project's file, overridden by two environment variables and by nothing else."""

import hashlib

import pytest

from headwater import settings
from headwater.errors import BadRecipe, MissingInput


@pytest.fixture(autouse=True)
def _no_overrides(monkeypatch):
    lineage = [f"OPENLINEAGE_{name}" for name in ("URL", "ENDPOINT", "NAMESPACE", "API_KEY", "DISABLED")]
    for name in ("HEADWATER_LAKE", "HEADWATER_CRAWLS", "HEADWATER_PROJECT", *lineage):
        monkeypatch.delenv(name, raising=False)


def load(folder, text=None):
    if text is not None:
        (folder / "headwater.yaml").write_text(text)
    return settings.load(folder)


def test_a_folder_without_a_file_has_the_defaults(tmp_path):
    found = load(tmp_path)
    assert (found.lake, found.crawls, found.max_page_bytes) == ("lake", "sample", 10_000_000)


def test_paths_are_relative_to_the_folder_and_urls_stay(tmp_path):
    found = load(tmp_path, "lake: data/lake\n")
    assert found.place(found.lake) == str(tmp_path / "data/lake")
    assert found.place("s3://bucket/lake") == "s3://bucket/lake"


def test_the_environment_overrides_lake_and_crawls(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADWATER_LAKE", "/elsewhere")
    monkeypatch.setenv("HEADWATER_CRAWLS", "s3://bucket")
    found = load(tmp_path, "lake: a\ncrawls: b\n")
    assert (found.lake, found.crawls) == ("/elsewhere", "s3://bucket")


def test_an_empty_variable_overrides_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADWATER_LAKE", "")
    assert load(tmp_path, "lake: a\n").lake == "a"


@pytest.mark.parametrize(("text", "said"), [
    ("laek: x\n", ":1: unknown key 'laek'; known: lake, crawls"),
    ("lake: x\nworkers: none\n", ":2: workers: expected a whole number, found 'none'"),
    ("workers: 0\n", "must be positive"),
    ("page_timeout_s: 0\n", "must be positive"),
    ("folder: /x\n", "unknown key 'folder'"),
])  # fmt: skip
def test_what_is_wrong_is_told_with_file_and_line(tmp_path, text, said):
    with pytest.raises(BadRecipe) as refused:
        load(tmp_path, text)
    assert str(refused.value).startswith(str(tmp_path / "headwater.yaml"))
    assert said in str(refused.value)


def test_the_project_is_the_nearest_folder_upwards(tmp_path, monkeypatch):
    load(tmp_path, "lake: a\n")
    (tmp_path / "x/y").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "x/y")
    assert settings.project_folder() == tmp_path


def test_no_project_upwards_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MissingInput, match="headwater init DIR"):
        settings.project_folder()


def test_the_embedded_language_model_is_there(tmp_path):
    found = load(tmp_path)
    assert found.language_model_digest == hashlib.sha256(found.language_model_path.read_bytes()).hexdigest()


def test_a_language_model_of_another_digest_is_refused(tmp_path):
    found = load(tmp_path, "language_model: {sha256: abc}\n")
    with pytest.raises(BadRecipe, match="asks for abc"):
        _ = found.language_model_digest


def test_a_language_model_that_is_not_there_is_named(tmp_path):
    found = load(tmp_path, "language_model: {path: nope.bin}\n")
    with pytest.raises(MissingInput, match=r"nope\.bin is not there"):
        _ = found.language_model_digest


def test_without_identification_no_model_is_needed(tmp_path):
    assert load(tmp_path, "language_model: {identify: false, path: nope.bin}\n").language_model_digest == ""


def test_lineage_is_told_to_nobody_by_default(tmp_path):
    assert not load(tmp_path).openlineage.on


def test_the_variables_of_openlineage_are_honoured(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENLINEAGE_URL", "https://lineage.example")
    monkeypatch.setenv("OPENLINEAGE_NAMESPACE", "lab")
    monkeypatch.setenv("OPENLINEAGE_API_KEY", "secret")
    found = load(tmp_path, "openlineage: {file: all.jsonl, url: http://elsewhere}\n").openlineage
    assert (found.url, found.file, found.namespace, found.api_key) == (
        "https://lineage.example", "all.jsonl", "lab", "secret",
    )  # fmt: skip
    monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")
    assert not load(tmp_path).openlineage.on


@pytest.mark.parametrize("url", ["ftp://host", "host:5000", "http://", "http://user:secret@host"])
def test_an_endpoint_is_an_http_address_without_a_key_in_it(tmp_path, monkeypatch, url):
    with pytest.raises(BadRecipe, match=r"openlineage\.url must be http"):
        load(tmp_path, f"openlineage: {{url: '{url}'}}\n")
    monkeypatch.setenv("OPENLINEAGE_URL", url)
    with pytest.raises(BadRecipe, match="the environment's OPENLINEAGE_URL"):
        load(tmp_path, "lake: a\n")
