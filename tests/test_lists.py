"""List files: found, checked by digest, read once, and named in the fingerprint by what they hold."""

import hashlib

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater import lists
from headwater.configuration import Step, resolve
from headwater.errors import BadRecipe, MissingInput
from headwater.settings import Settings
from headwater.text.entries import Members, entries, once
from tests.chain import ROOT

SHIPPED = sorted((ROOT / "lists").glob("*.txt"))


@pytest.fixture
def project(tmp_path):
    """Settings of a project whose lists folder has ads.txt."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "ads.txt").write_bytes(b"ads.example\ntracker.example\n")
    return Settings(tmp_path)


def step(**options):
    return Step("url_blocklist", resolve("filters", "url_blocklist", options))


def sha(data):
    return hashlib.sha256(data).hexdigest()


def written(folder, data):
    path = folder / "list.txt"
    path.write_bytes(data)
    return path


def test_a_resolved_step_names_the_digest_of_each_list(project):
    (found,) = lists.resolve(project, [step(domains={"ads.txt": None}, max_soft_words=3)])
    assert found.options["domains"] == {"ads.txt": sha(b"ads.example\ntracker.example\n")}
    assert found.options["max_soft_words"] == 3
    assert found.options["urls"] is None


def test_a_list_that_changes_changes_the_resolved_step(project):
    before = lists.resolve(project, [step(domains={"ads.txt": None})])
    (project.folder / "lists" / "ads.txt").write_bytes(b"other.example\n")
    assert lists.resolve(project, [step(domains={"ads.txt": None})]) != before


def test_a_step_that_names_no_list_stays_as_it_is(project):
    plain = [Step("length", resolve("filters", "length", {})), step()]
    assert list(lists.resolve(project, plain)) == plain


def test_a_located_step_has_paths_and_the_same_digests(project):
    (found,) = lists.located(project, lists.resolve(project, [step(domains={"ads.txt": None})]))
    path = str(project.folder / "lists" / "ads.txt")
    assert found.options["domains"] == {path: sha(b"ads.example\ntracker.example\n")}


def test_a_list_that_is_not_there_is_an_error_that_says_where_it_should_be(project):
    with pytest.raises(MissingInput, match=r"lists/none\.txt is not there; put the file there"):
        lists.resolve(project, [step(domains={"none.txt": None})])


def test_a_wrong_digest_is_an_error_with_both_digests_and_what_to_do(project):
    said = f"url_blocklist.domains: list .*ads.txt has SHA-256 [0-9a-f]{{64}}, the recipe asks for {'0' * 64}; restore"
    with pytest.raises(BadRecipe, match=said):
        lists.resolve(project, [step(domains={"ads.txt": "0" * 64})])


@pytest.mark.parametrize("wanted", ["", "ABC", "0" * 63])
def test_what_is_no_digest_is_refused(project, wanted):
    with pytest.raises(BadRecipe, match="expected a SHA-256 of 64 small hex digits or null"):
        lists.resolve(project, [step(domains={"ads.txt": wanted})])


@pytest.mark.parametrize("files", [{1: None}, {"ads.txt": 5}, {"ads.txt": ["0" * 64]}, ["ads.txt"]], ids=str)
def test_what_maps_no_names_to_digests_is_refused(files):
    with pytest.raises(BadRecipe, match=r"url_blocklist\.domains: expected entries NAME: VALUE, .* found"):
        step(domains=files)


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000, "round.txt"], ids=["NUL", "long", "loop"])
def test_what_can_be_no_file_name_is_refused_in_few_words(project, name):
    (project.folder / "lists" / "round.txt").symlink_to("round.txt")
    with pytest.raises(BadRecipe, match=r"cannot be the name of a file in .*lists") as refused:
        lists.resolve(project, [step(domains={name: None})])
    assert len(str(refused.value)) < 600


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/hostname", "a/../../b"])
def test_a_name_that_leads_out_of_the_folder_is_refused(project, name):
    with pytest.raises(BadRecipe, match=r"is not in .*lists; put the file there and give its name alone"):
        lists.resolve(project, [step(domains={name: None})])


def test_a_folder_is_no_list(project):
    (project.folder / "lists" / "more").mkdir()
    with pytest.raises(MissingInput):
        lists.check(project, [step(domains={"more": None})])


def test_a_check_counts_entries_and_refuses_an_empty_list(project):
    assert lists.check(project, [step(domains={"ads.txt": None})]) == {"ads.txt": 2}
    (project.folder / "lists" / "empty.txt").write_text("# nothing yet\n")
    with pytest.raises(BadRecipe, match=r"empty\.txt has no entries"):
        lists.check(project, [step(urls={"empty.txt": None})])


def test_comments_blank_lines_white_space_line_ends_and_a_mark_of_byte_order_are_no_entries(tmp_path):
    data = b"\xef\xbb\xbf# made by hand\r\n\r\n  one.example \r\nhttp://a.b/#c\r\n\t# more\n two words"
    assert entries(written(tmp_path, data)) == ["one.example", "http://a.b/#c", "two words"]


def test_a_list_that_is_not_utf8_is_an_error_with_the_place(tmp_path):
    with pytest.raises(BadRecipe, match="is not UTF-8 at byte 3"):
        entries(written(tmp_path, b"ab\n\xff\n"))


def test_a_file_that_changed_since_it_was_resolved_is_refused(tmp_path):
    path = written(tmp_path, b"a\n")
    before = sha(b"a\n")
    path.write_bytes(b"other\n")
    with pytest.raises(BadRecipe, match="has SHA-256"):
        entries(path, before)


def test_a_list_is_made_into_a_set_once(tmp_path):
    path = written(tmp_path, b"a\n")
    listed = {str(path): sha(b"a\n")}
    assert once(Members, listed) is once(Members, dict(listed))


words = st.lists(st.text(max_size=8), max_size=30)


@given(words, words)
def test_members_are_what_a_set_has(listed, asked):
    assert Members(listed).holds(pa.array(asked, pa.string())).tolist() == [word in set(listed) for word in asked]


def test_a_null_is_no_member_even_of_a_set_with_the_empty_word():
    assert Members(["", "a"]).holds(pa.array([None, "", "a", "b"])).tolist() == [False, True, True, False]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_list_that_is_shipped_has_entries_and_is_named_with_its_licence(path):
    assert len(set(entries(path))) >= 16
    assert f"`{path.name}`" in (ROOT / "lists" / "NOTICE.md").read_text()
    assert f"`{path.name}`" in (ROOT / "docs" / "lists.md").read_text()


def test_the_lists_of_dclm_are_as_long_as_the_paper_says():
    count = {path.stem: len(entries(path)) for path in SHIPPED}
    assert (count["dclm_strict_words"], count["dclm_hard_words"], count["dclm_soft_words"]) == (117, 176, 83)
    assert count["high_quality_sources"] == 16
