"""`provider.yaml`: what a machine cannot know of a data set, given by people once; what is not given is said missing.

Field numbers in the comments of the template are those of the template of Article 53(1)(d), C(2025) 8311.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from headwater import configuration
from headwater.errors import UserError

if TYPE_CHECKING:
    from headwater.project import Project

FILE = "provider.yaml"
# The fields of the template of the AI Office that ask for comments.
COMMENTS = ("1.3.g", "2.1.e", "2.2.2.e", "2.3.i", "2.4.e", "2.5.e", "2.6.c", "3.1.c")


@dataclass(frozen=True)
class Who:
    """The provider: sections 1.1.a and 1.1.b."""

    name: str | None = None
    contact: str | None = None
    website: str | None = None
    representative_name: str | None = None
    representative_contact: str | None = None
    small_or_medium: bool | None = None


@dataclass(frozen=True)
class Model:
    """The model that was trained: section 1.2."""

    names: tuple[str, ...] = ()
    documentation: str | None = None
    depends_on: str | None = None
    placed_on_market: str | None = None
    continuously_trained: bool | None = None


@dataclass(frozen=True)
class Summary:
    """The public summary as a document of its own."""

    version: str | None = None
    published_at: str | None = None
    previous: str | None = None
    changes: str | None = None
    notices: str | None = None


@dataclass(frozen=True)
class DataSet:
    """The data set as it is published."""

    title: str | None = None
    description: str | None = None
    url: str | None = None
    licence: str | None = None
    version: str = "1.0.0"
    citation: str | None = None
    creators: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    personal_data: str | None = None
    known_biases: str | None = None
    intended_use: str | None = None
    limitations: str | None = None
    social_impact: str | None = None
    maintenance: str | None = None


@dataclass(frozen=True)
class Content:
    """Sections 1.3.c and 1.3.f."""

    types: str | None = None
    characteristics: str | None = None


@dataclass(frozen=True)
class Crawls:
    """Section 2.3, or 2.1 where others made the crawls and published them."""

    made_by: Literal["us", "others"] | None = None
    name: str | None = None
    link: str | None = None
    crawlers: tuple[str, ...] = ()
    purposes: str | None = None
    behaviour: str | None = None
    content: str | None = None


@dataclass(frozen=True)
class OtherData:
    """Data of the model beside this release: sections 2.1, 2.2, 2.4, 2.5 and 2.6."""

    public: str | None = None
    licensed: str | None = None
    private: str | None = None
    users: str | None = None
    services: str | None = None
    synthetic: str | None = None
    other: str | None = None


@dataclass(frozen=True)
class Measures:
    """Section 3."""

    code_of_practice: bool | None = None
    reservations: str | None = None
    illegal_content: str | None = None
    other: str | None = None


@dataclass(frozen=True)
class Provider:
    """All that people say. `digest` is the SHA-256 of the file; empty where there is none."""

    digest: str = ""
    provider: Who = field(default_factory=Who)
    model: Model = field(default_factory=Model)
    summary: Summary = field(default_factory=Summary)
    dataset: DataSet = field(default_factory=DataSet)
    content: Content = field(default_factory=Content)
    crawls: Crawls = field(default_factory=Crawls)
    other_data: OtherData = field(default_factory=OtherData)
    measures: Measures = field(default_factory=Measures)
    comments: Mapping[str, str | None] = field(default_factory=dict)
    card: Mapping[str, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from headwater.report.data_card import HUMAN

        _check("comments", self.comments, COMMENTS)
        _check("card", self.card, tuple(HUMAN))


def _check(key: str, said: Mapping[str, str | None], known: tuple[str, ...]) -> None:
    for name in said:
        if name not in known:
            raise ValueError(f"{key}: no field {name!r}; have: {', '.join(known)}")


def load(project: "Project") -> Provider:
    """What provider.yaml of the project says; nothing where there is none. Raises BadRecipe with file and line."""
    path = place(project)
    if not path.is_file():
        return Provider()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return configuration.load(Provider, path, {"digest": digest})


def place(project: "Project") -> Path:
    """Where provider.yaml is, or would be."""
    return project.settings.folder / FILE


def write_template(project: "Project") -> Path:
    """Write a commented provider.yaml. Raises UserError where there is one."""
    path = place(project)
    if path.exists():
        raise UserError(f"{path} is there already; edit it, or move it away for a fresh template")
    path.write_text(TEMPLATE + _card(), encoding="utf-8")
    return path


def _card() -> str:
    from headwater.report.data_card import HUMAN

    lines = [f"  {name}: null".ljust(32) + f"# {what}" for name, what in HUMAN.items()]
    return "\n".join(["", "card:                           # the human fields of the data card", *lines, ""])


TEMPLATE = """\
# What no machine can know of the data set and its model; `headwater report RELEASE` reads it. What is null or left out
# is marked missing in the documents; "not applicable" is an answer. Numbers are those of the template of the AI Office.

provider:
  name: null                    # 1.1.a the legal entity
  contact: null                 # 1.1.a a contact for questions about training content
  website: null
  representative_name: null     # 1.1.b of a provider outside the Union, else: not applicable
  representative_contact: null
  small_or_medium: null         # true: name 5 % of the domains, at most 1,000, in place of 10 %

model:
  names: []                     # 1.2.a versioned names, such as [example-1b-v1]
  documentation: null           # a link
  depends_on: null              # 1.2.b the model it was fine-tuned from, with a link to its summary
  placed_on_market: null        # 1.2.c "2026-09-01"
  continuously_trained: null    # 1.3.d true or false

summary:
  version: null                 # of the summary as a document: "1.0"
  published_at: null            # a link
  previous: null                # a link, or the name of an earlier release of this lake
  changes: null                 # what changed since then
  notices: null                 # where updates are announced

dataset:
  title: null
  description: null
  url: null
  licence: null                 # of the collection: an SPDX identifier or a link
  version: 1.0.0
  citation: null
  creators: []
  keywords: []
  personal_data: null           # what personal and sensitive data it may hold, and what was done about it
  known_biases: null
  intended_use: null
  limitations: null
  social_impact: null
  maintenance: null

content:
  types: null                   # 1.3.c such as: web pages with documentation, news and forums
  characteristics: null         # 1.3.f national, regional, demographic

crawls:
  made_by: null                 # us (2.3), or others, who published them (2.1)
  name: null                    # of crawls by others: Common Crawl
  link: null
  crawlers: []                  # 2.3.b user agents, such as [CCBot]
  purposes: null                # 2.3.c
  behaviour: null               # 2.3.d robots.txt, passwords, paywalls, captchas, other protocols
  content: null                 # 2.3.f kinds of sites and content

other_data:                     # of the model, beside this release; "no" is an answer
  public: null                  # 2.1 other publicly available data sets
  licensed: null                # 2.2.1 commercially licensed
  private: null                 # 2.2.2 obtained from other third parties
  users: null                   # 2.4.a from interactions with the model
  services: null                # 2.4.b, 2.4.c from other services, and which
  synthetic: null               # 2.5 made by models
  other: null                   # 2.6

measures:
  code_of_practice: null        # 3.1.a true or false
  reservations: null            # 3.1.b what is done beside what the lake records
  illegal_content: null         # 3.2
  other: null                   # 3.3

comments:                       # optional, by field
  "1.3.g": null
  "2.1.e": null
  "2.2.2.e": null
  "2.3.i": null
  "2.4.e": null
  "2.5.e": null
  "2.6.c": null
  "3.1.c": null
"""
