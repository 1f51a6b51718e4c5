"""The public summary of training content that Article 53(1)(d) of Regulation (EU) 2024/1689 asks for.

Sections and field numbers follow the template of the AI Office, Commission Communication C(2025) 8311 of 5 December
2025, and the numbering of the AIAL methodology. What the lake knows is filled in, each number with its query; what only
people know comes from provider.yaml and is marked missing until it is there.
"""

import re
from typing import Any

from headwater.report import reservations
from headwater.report.numbers import Facts, digest_of, said_time
from headwater.report.page import (
    Block,
    Field,
    Page,
    Section,
    State,
    given,
    linked,
    month,
    not_applicable,
    recorded,
    rows,
    said,
    words,
)
from headwater.report.provider import Provider

# Official languages of the Union by the codes of fastText's lid.176.
EU_LANGUAGES = {
    "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
    "et": "Estonian", "fi": "Finnish", "fr": "French", "ga": "Irish", "hr": "Croatian", "hu": "Hungarian",
    "it": "Italian", "lt": "Lithuanian", "lv": "Latvian", "mt": "Maltese", "nl": "Dutch", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "sk": "Slovak", "sl": "Slovenian", "sv": "Swedish",
}  # fmt: skip
BANDS = ((10**9, "less than 1 billion tokens"), (10**13 + 1, "1 billion to 10 trillion tokens"))
COMMON_CRAWL = re.compile(r"CC-(MAIN|NEWS)-\d{4}(-\d\d)?")
SHOWN_DOMAINS = 1_000
TEXT_ONLY = "every document of the release is text taken from a web page; it holds no {}."


def page(facts: Facts, provider: Provider) -> Page:
    """The summary of one release, its integrity hash included."""
    sections = (
        *_general(facts, provider),
        *_sources(facts, provider),
        _crawled(facts, provider),
        *_others(facts, provider),
        *_processing(facts, provider),
    )
    bare = Page(
        _title(facts, provider), _subtitle(facts), _header(facts, provider), sections, facts, notes=_notes(facts)
    )
    sealed = (*bare.header, ("Integrity (SHA-256)", integrity(bare)))
    return Page(bare.title, bare.subtitle, sealed, sections, facts, notes=bare.notes)


def integrity(summary: Page) -> str:
    """SHA-256 of the canonical JSON of the summary without its line on integrity: anybody can compute it again."""
    return digest_of(unsealed(summary.to_json()))


def unsealed(said: dict[str, Any]) -> dict[str, Any]:
    """The JSON form of a summary as its integrity hash covers it."""
    header = {label: value for label, value in said["header"].items() if not label.startswith("Integrity")}
    return {**said, "header": header}


def size_band(tokens: int) -> str:
    """The band of the template for text, by tokens."""
    return next((words for limit, words in BANDS if tokens < limit), "more than 10 trillion tokens")


def _title(facts: Facts, provider: Provider) -> str:
    return f"Public summary of training content: {provider.dataset.title or facts.release.name}"


def _subtitle(facts: Facts) -> str:
    return (
        "Article 53(1)(d) of Regulation (EU) 2024/1689, in the form of the template of the AI Office, C(2025) 8311. "
        f"Release {facts.release.name} of recipe {facts.release.recipe}."
    )


def _header(facts: Facts, provider: Provider) -> tuple[tuple[str, str], ...]:
    about = provider.summary
    found = [
        ("Version of the summary", about.version or "missing"),
        ("Last update", facts.updated.strftime("%d/%m/%Y")),
        ("Release made", said_time(facts.release.created_at)),
        ("Published at", about.published_at or "missing"),
        ("Previous version", _previous(about.previous)),
        ("Changes since then", about.changes or ("not applicable" if not about.previous else "missing")),
        ("Updates are announced", about.notices or "missing"),
    ]
    if facts.takedowns:
        found.append(("Amended by takedowns", ", ".join(facts.takedowns)))
    return tuple((label, " ".join(value.split())) for label, value in found)


def _previous(previous: str | None) -> str:
    """A link stays; the name of a release becomes the place of its summary in the lake."""
    if previous is None or "://" in previous or " " in previous:
        return previous or "none stated"
    return f"../../{previous}/report/eu-summary.html"


def _notes(facts: Facts) -> tuple[str, ...]:
    counted = "Tokens are counted with the tokenizer of the release, the token that ends each document included."
    estimated = "The release has no tokenized stream; tokens are estimated at four bytes of text each."
    return (
        counted if facts.counted else estimated,
        "Sizes are of the text after preprocessing and before training, in UTF-8, each document once.",
    )


def _general(facts: Facts, provider: Provider) -> list[Section]:
    who, model = provider.provider, provider.model
    identity = Section("1.1", "Provider identification", (
        given("1.1.a", "Provider name and contact details", _joined(who.name, who.contact, who.website)),
        given("1.1.b", "Authorised representative name and contact details",
              _joined(who.representative_name, who.representative_contact)),
    ))  # fmt: skip
    names = model.names or None
    link = (linked(model.documentation),) if model.documentation else ()
    models = Section("1.2", "Model identification", (
        given("1.2.a", "Versioned model name(s)", names, *link, *_proxies(facts)),
        given("1.2.b", "Model dependencies", model.depends_on),
        given("1.2.c", "Date of placement of the model on the Union market", model.placed_on_market),
    ))  # fmt: skip
    return [identity, models, _characteristics(facts, provider)]


def _proxies(facts: Facts) -> tuple[Block, ...]:
    if not facts.count("models"):
        return ()
    columns = (("model", "Proxy model of this lake"), ("parameters", "Parameters"), ("tokens_seen", "Tokens seen"))
    return (words("Trained on this release by the lake itself:"), rows(facts, "models.each", columns))


def _characteristics(facts: Facts, provider: Provider) -> Section:
    band = size_band(facts.count("training.tokens"))
    trained = {True: "yes", False: "no", None: "missing"}[provider.model.continuously_trained]
    text = said(facts, f"Text: {band}. The release holds {{training.tokens}} tokens in {{training.documents}} "
                       "documents, {training.bytes} bytes of text; {training.tokens_once} tokens with each document "
                       "once.")  # fmt: skip
    latest = said(facts, f"{month(facts.value('training.last'))}; the last page of the release was fetched on "
                         "{training.last}. "
                         f"Trained continuously on new data after that date: {trained}.")  # fmt: skip
    return Section("1.3", "Modalities, overall training data size and other characteristics", (
        recorded("1.3.a", "Modality", words("Text.")),
        recorded("1.3.b", "Training data size", text,
                 *(words(f"{kind}: not applicable; {TEXT_ONLY.format(kind.lower())}") for kind in _MODALITIES)),
        given("1.3.c", "Types of content", provider.content.types, _media_types(facts)),
        recorded("1.3.d", "Latest date of data acquisition or collection", latest),
        _languages(facts),
        given("1.3.f", "Other relevant characteristics of the overall training data", provider.content.characteristics,
              words("Top-level domains, which hint at countries:"), _endings(facts)),
        _comments("1.3.g", provider),
    ))  # fmt: skip


_MODALITIES = ("Images", "Audio", "Video")


def _media_types(facts: Facts) -> Block:
    return rows(facts, "media_types", (("media_type", "Media type"), ("documents", "Documents")))


def _endings(facts: Facts) -> Block:
    return rows(facts, "endings", (("ending", "Ending"), ("documents", "Documents"), ("bytes", "Bytes of text")))


def _languages(facts: Facts) -> Field:
    codes = [str(code) for code in facts.listings["languages"].column("language")]
    union = [f"{EU_LANGUAGES[code]} ({code})" for code in codes if code in EU_LANGUAGES]
    others = [code for code in codes if code not in EU_LANGUAGES]
    return recorded(
        "1.3.e", "Linguistic characteristics of the overall training data",
        said(facts, "Languages, told apart by a fastText model: {training.languages}. "
                    f"Official languages of the Union: {', '.join(union) or 'none'}. "
                    f"Others, by code: {', '.join(others) or 'none'}."),
        rows(facts, "languages", (("language", "Language"), ("documents", "Documents"), ("bytes", "Bytes of text"),
                                  ("tokens", "Tokens"))),
    )  # fmt: skip


def made_by_others(facts: Facts, provider: Provider) -> bool | None:
    """Whether others made the crawls and published them; None where nobody says and the names do not tell."""
    if provider.crawls.made_by is not None:
        return provider.crawls.made_by == "others"
    names = [str(name) for name in facts.listings["crawls.each"].column("crawl")]
    return True if names and all(COMMON_CRAWL.fullmatch(name) for name in names) else None


def _sources(facts: Facts, provider: Provider) -> list[Section]:
    other, theirs = provider.other_data, made_by_others(facts, provider)
    no = "the release was not obtained from a private third party; every document of it was read from a crawl."
    return [
        Section("2.1", "Publicly available datasets", tuple(_public(facts, provider, theirs))),
        Section("2.2.1", "Datasets commercially licensed by rightsholders", (
            _beside(facts, "2.2.1.a", "Commercial licensing agreements", other.licensed),
            not_applicable("2.2.1.b", "Modalities", no),
        )),
        Section("2.2.2", "Private datasets obtained from other third parties", (
            _beside(facts, "2.2.2.a", "Private datasets of third parties", other.private),
            not_applicable("2.2.2.b", "Modalities", no),
            not_applicable("2.2.2.c", "List of those publicly known", no),
            not_applicable("2.2.2.d", "General description of the others", no),
            _comments("2.2.2.e", provider),
        )),
    ]  # fmt: skip


def _public(facts: Facts, provider: Provider, theirs: bool | None) -> list[Field]:
    if not theirs:
        title = "Were publicly available datasets used?"
        answer = _beside(facts, "2.1.a", title, provider.other_data.public)
        return [answer if theirs is False else _who_crawled("2.1.a", title), _comments("2.1.e", provider)]
    name, link = provider.crawls.name or "Common Crawl", provider.crawls.link or "https://commoncrawl.org/"
    return [
        recorded("2.1.a", "Were publicly available datasets used?", words("Yes: web crawls that others published.")),
        recorded("2.1.b", "Modalities", words("Text.")),
        recorded("2.1.c", "List of large publicly available datasets", words(name), linked(link), _crawls(facts)),
        given("2.1.d", "Other publicly available datasets", provider.other_data.public),
        _comments("2.1.e", provider),
    ]


def _who_crawled(id: str, title: str) -> Field:
    why = "provider.yaml does not say who made the crawls (crawls.made_by: us or others); see 2.3 for what they are."
    return Field(id, title, "missing", (words(why),))


def _beside(facts: Facts, id: str, title: str, answer: str | None) -> Field:
    """A kind of source that a release cannot hold; of the model's other data only people can tell."""
    of_release = said(
        facts,
        "Of this release: no. It is made from crawls alone: {training.not_crawled} of {training.documents} "
        "documents are not in one.",
    )
    found = given(id, title, answer)
    beside = words("Of other data of the model: missing.") if found.state == "missing" else words("Of other data:")
    return Field(id, title, found.state, (of_release, beside, *found.blocks))


def _crawls(facts: Facts) -> Block:
    columns = (("crawl", "Crawl"), ("first", "From"), ("last", "To"), ("files", "Files"), ("bytes", "Bytes"),
               ("records", "Records"), ("documents", "Training documents"), ("tokens", "Tokens"))  # fmt: skip
    return rows(facts, "crawls.each", columns)


def _crawled(facts: Facts, provider: Provider) -> Section:
    said_of, theirs = provider.crawls, made_by_others(facts, provider)
    used = {True: words("No: the crawls were made and published by others; see 2.1. They are described here all the "
                        "same."), False: words("Yes.")}  # fmt: skip
    title = "Were crawlers used by the provider or on behalf of it?"
    state: State = "given" if said_of.made_by is not None else "recorded"
    first = _who_crawled("2.3.a", title) if theirs is None else Field("2.3.a", title, state, (used[theirs],))
    period = said(facts, f"{month(facts.value('crawls.first'))} to {month(facts.value('crawls.last'))}. "
                         "{crawls} crawls, {crawls.files} WARC files of {crawls.bytes} bytes.")  # fmt: skip
    crawlers = said_of.crawlers or (("CCBot",) if theirs and said_of.made_by is None else ())
    return Section("2.3", "Data crawled and scraped from online sources", (
        first,
        given("2.3.b", "Crawler names or identifiers", crawlers),
        given("2.3.c", "Purposes of the crawlers", said_of.purposes),
        given("2.3.d", "General description of crawler behaviour", said_of.behaviour),
        recorded("2.3.e", "Period of data collection", period, _crawls(facts)),
        given("2.3.f", "Type of content and online sources crawled", said_of.content,
              said(facts, "{training.domains} registered domains and {training.hosts} hosts.")),
        recorded("2.3.g", "Type of modality covered", words("Text.")),
        _domains(facts, provider),
        _comments("2.3.i", provider),
    ))  # fmt: skip


def _domains(facts: Facts, provider: Provider) -> Field:
    small = provider.provider.small_or_medium
    rule = "the largest 5 %, at most 1,000 (small or medium-sized provider)" if small else "the largest 10 %"
    listing = facts.listings["domains.listed"]
    columns = (("domain", "Domain"), ("bytes", "Bytes of text"), ("tokens", "Tokens"), ("documents", "Documents"),
               ("first", "First fetch"), ("last", "Last fetch"))  # fmt: skip
    text = f"Of {{training.domains}} domains {rule}, by size of content. The list is also in eu-summary-domains.csv. "
    more = f"The first {SHOWN_DOMAINS:,} are shown." if len(listing.rows) > SHOWN_DOMAINS else "All of them are shown."
    return recorded(
        "2.3.h", "Summary of the most relevant domain names crawled",
        said(facts, text + more),
        rows(facts, "domains.listed", columns, SHOWN_DOMAINS),
    )  # fmt: skip


def _others(facts: Facts, provider: Provider) -> list[Section]:
    other = provider.other_data
    nobody = "the release holds no data of users."
    made = "nothing in the release was generated for it. Pages may hold text that a model wrote; that is not detected."
    return [
        Section("2.4", "User data", (
            _beside(facts, "2.4.a", "Was data from user interactions with the model used?", other.users),
            _beside(facts, "2.4.b", "Was data from users of other services used?", other.services),
            not_applicable("2.4.c", "Services it was collected with", nobody),
            not_applicable("2.4.d", "Modalities", nobody),
            _comments("2.4.e", provider),
        )),
        Section("2.5", "Synthetic data", (
            _beside(facts, "2.5.a", "Was synthetic data created by the provider or on its behalf?", other.synthetic),
            not_applicable("2.5.b", "Modalities", made),
            not_applicable("2.5.c", "General-purpose models used, if on the market", made),
            not_applicable("2.5.d", "Other models used", made),
            _comments("2.5.e", provider),
        )),
        Section("2.6", "Other sources of data", (
            _beside(facts, "2.6.a", "Were other sources used?", other.other),
            not_applicable("2.6.b", "Description of the other sources", "the release has no source but its crawls."),
            _comments("2.6.c", provider),
        )),
    ]  # fmt: skip


def _processing(facts: Facts, provider: Provider) -> list[Section]:
    measures = provider.measures
    return [
        Section("3.1", "Respect of reservations of rights from text and data mining", (
            given("3.1.a", "Signatory of the Code of Practice for general-purpose AI models",
                  measures.code_of_practice),
            _reservations(facts, provider),
            _comments("3.1.c", provider),
        )),
        Section("3.2", "Removal of illegal content", (
            given("3.2.a", "Measures taken", measures.illegal_content, said(facts,
                  "From the lake: {removed} documents were removed by takedown, {quarantined} records quarantined, "
                  "{dropped.filters} documents dropped by filters.")),
        )),
        Section("3.3", "Other information", (_optional("3.3.a", "Other relevant information", measures.other),)),
    ]  # fmt: skip


def _reservations(facts: Facts, provider: Provider) -> Field:
    """Measures that the lake knows of: what was found at crawl time, what the policy withheld."""
    blocks = [*reservations.consent(facts), *reservations.policy(facts)]
    answer = given(
        "3.1.b", "Measures to respect reservations, before and during collection", provider.measures.reservations
    )
    known = facts.has("consent") or facts.policy is not None
    state = "recorded" if answer.state == "missing" and known else answer.state
    return Field(answer.id, answer.title, state, (*answer.blocks, *blocks))


def _optional(id: str, title: str, answer: str | None) -> Field:
    """A field that may stay empty: then it says so."""
    return given(id, title, answer) if answer is not None else Field(id, title, "optional", (words("None."),))


def _comments(id: str, provider: Provider) -> Field:
    return _optional(id, "Additional comments", provider.comments.get(id))


def _joined(*parts: str | None) -> str | None:
    found = [part for part in parts if part]
    if len(found) > 1 and all(part.strip().lower() == "not applicable" for part in found):
        return found[0]
    return "; ".join(found) or None
