"""A takedown of one host of the sample, with what a test needs to look at it."""

import shutil

import pytest

from headwater.takedown import apply as applying
from headwater.takedown import request as requests
from tests import chain

HOST = "cppreference-doc-en-html.example.org"
DOCUMENT_TABLES = ("raw", "extracted", "signals", "filtered", "deduped", "mixed")


def asked(*selectors, duplicates=False, reference="letter 1"):
    """A request."""
    return requests.Request(requests.checked(selectors), "asked to", reference, "the owner", duplicates)


def take_down(project, *selectors, duplicates=False, **how):
    """Add a request and apply it; gives the certificate."""
    found = requests.add(project, asked(*selectors, duplicates=duplicates))
    return applying.apply(project, found.id, **how)


def removed(project, table, **partition):
    """Identities of the removed rows of a table."""
    rows = chain.rows(project, table, **partition)
    return {row["doc_id"] for row in rows if row["outcome"] == "removed"}


def of_host(project, host=HOST):
    """doc_ids of a host that held text, before they are removed."""
    return {
        r["doc_id"] for r in chain.rows(project, "raw") if r["host"] == host and r["outcome"] in ("kept", "removed")
    }


@pytest.fixture(scope="session")
def before(built):
    """The texts of the host's documents, read before anything is removed."""
    with chain.opened(built) as project:
        ids = of_host(project)
        return {r["doc_id"]: r["text"] for r in chain.rows(project, "extracted") if r["doc_id"] in ids and r["text"]}


@pytest.fixture(scope="session")
def removed_folder(built, tmp_path_factory):
    """A copy of the built project after the takedown of one host."""
    folder = shutil.copytree(built, tmp_path_factory.mktemp("removed") / "project")
    with chain.opened(folder) as project:
        take_down(project, ("domain", HOST))
    return folder


@pytest.fixture(scope="session")
def after(removed_folder):
    """The project after the takedown, to look at."""
    with chain.opened(removed_folder) as project:
        yield project
