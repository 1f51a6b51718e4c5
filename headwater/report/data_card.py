"""The data card of a release, in the sections of the Data Cards Playbook (Pushkarna et al. 2022, arXiv:2204.01075).

What lineage knows is filled in; what people must say stays an explicit TODO until provider.yaml has it, and the card
counts how complete it is.
"""

from collections.abc import Mapping

from headwater.report import reservations
from headwater.report.numbers import Facts, said_time
from headwater.report.page import Block, Field, Page, Section, given, recorded, rows, said, words
from headwater.report.provider import Provider

# The fields that only people can fill, by their name in provider.yaml.
HUMAN: Mapping[str, str] = {
    "owners": "team and contact of the owners",
    "funding": "institutions and summary",
    "data_subjects": "whom the data is about",
    "sensitivity": "kinds of sensitive data, risks and their mitigation",
    "maintenance_plan": "status, plan, next update, expected changes",
    "typical_example": "what a typical document is like",
    "atypical_example": "what an unusual document is like",
    "purposes": "purposes and domains",
    "motivating_factors": "why it was made",
    "suitable_uses": "uses it suits",
    "unsuitable_uses": "uses it does not suit",
    "access": "type, links, prerequisites, policies",
    "retention": "duration, policy, process",
    "deletion": "means of deletion and obligations",
    "source_criteria": "why these sources",
    "relationship_to_source": "use, benefit and limits of the sources",
    "human_attributes": "human attributes, intended or not, and their risks",
    "extended_use": "with other data: safe and unsafe combinations",
    "forking": "forking and sampling: what to keep in mind",
    "use_in_ml": "guidelines and known correlations",
    "residual_risks": "what the transformations leave",
    "human_oversight": "oversight of the transformations",
    "annotators": "workforce, where people labelled anything",
    "validators": "who validated beside the checks of the lake",
    "known_applications": "models and systems that use it",
    "terms_of_art": "terms and what they mean here",
    "reflections": "what else readers should know",
}


def page(facts: Facts, provider: Provider) -> Page:
    """The card of one release."""
    title = f"Data card: {provider.dataset.title or facts.release.name}"
    header = (
        ("Release", facts.release.name),
        ("Recipe", facts.release.recipe),
        ("Made", said_time(facts.release.created_at)),
        ("Last amended", ", ".join(facts.takedowns) or "never"),
        ("Code", " ".join(str(v) for v in facts.release.details.get("code", {}).values())),
    )
    description = provider.dataset.description or str(
        facts.release.details.get("resolved", {}).get("description", "Documents of the web for language models.")
    )
    sections = (
        *_who(facts, provider),
        _overview(facts, provider),
        _examples(facts, provider),
        *_intentions(facts, provider),
        _provenance(facts, provider),
        *_use(facts, provider),
        _transformations(facts, provider),
        *_ending(facts, provider),
    )
    return Page(title, " ".join(description.split()), header, sections, facts, todo="TODO")


def _human(provider: Provider, name: str, title: str, *blocks: Block) -> Field:
    return given(name, title, provider.card.get(name), *blocks)


def _who(facts: Facts, provider: Provider) -> list[Section]:
    publishers = [part for part in (provider.provider.name, provider.provider.contact) if part]
    return [
        Section("authorship", "Authorship", (
            given("publishers", "Publishers", "; ".join(publishers) or None),
            given("creators", "Creators", provider.dataset.creators),
            _human(provider, "owners", "Owners"),
            _human(provider, "funding", "Funding"),
        )),
    ]  # fmt: skip


def _overview(facts: Facts, provider: Provider) -> Section:
    snapshot = said(
        facts,
        "{training.documents} documents, {training.bytes} bytes of text, {training.tokens} tokens with copies, from "
        "{training.domains} registered domains in {crawls} crawls.",
    )
    lengths = said(
        facts,
        "Length of a text in characters: shortest {training.shortest}, median {training.median}, mean {training.mean}, "
        "longest {training.longest}.",
    )
    of_language = (("language", "Language"), ("documents", "Documents"), ("tokens", "Tokens"))
    languages = rows(facts, "languages", of_language, 30)
    of_licence = (("class", "Class"), ("licence", "Licence"), ("documents", "Documents"), ("tokens", "Tokens"))
    licences = rows(facts, "licences", of_licence, 30)
    fixed = f"Version {provider.dataset.version}, release {facts.release.name}; it never changes, except by takedowns."
    evidence = (
        said(facts, "By evidence on the pages, which is no verdict: {licences.named} of {training.documents} training "
                    "documents name a licence.")
        if facts.count("licences.classified")
        else words("Licences: not recorded in this release.")
    )  # fmt: skip
    return Section("overview", "Dataset overview", (
        _human(provider, "data_subjects", "Data subjects"),
        recorded("snapshot", "Snapshot", snapshot),
        recorded("statistics", "Descriptive statistics", lengths, languages),
        recorded("licences", "Licences", evidence, licences),
        given("personal_data", "Personal and sensitive data", provider.dataset.personal_data),
        _human(provider, "sensitivity", "Sensitivity, risks and mitigation"),
        recorded("version", "Version", words(fixed), said(facts, "Removed so far: {removed} documents.")),
        _human(provider, "maintenance_plan", "Maintenance plan"),
    ))  # fmt: skip


def _examples(facts: Facts, provider: Provider) -> Section:
    fields = "doc_id, crawl, url, text, language, licence, licence_class, copies, tokens"
    return Section("examples", "Example of data points", (
        recorded("modality", "Modality", words("Text.")),
        recorded("fields", "Fields", words(f"A document has {fields}.")),
        _human(provider, "typical_example", "Typical data point"),
        _human(provider, "atypical_example", "Atypical data point"),
    ))  # fmt: skip


def _intentions(facts: Facts, provider: Provider) -> list[Section]:
    return [
        Section("intentions", "Motivations and intentions", (
            _human(provider, "purposes", "Purposes"),
            _human(provider, "motivating_factors", "Motivating factors"),
            given("intended_use", "Intended use", provider.dataset.intended_use),
            _human(provider, "suitable_uses", "Suitable uses"),
            _human(provider, "unsuitable_uses", "Unsuitable uses"),
            given("citation", "Citation", provider.dataset.citation),
        )),
        Section("access", "Access, retention, wipeout", (
            _human(provider, "access", "Access"),
            _human(provider, "retention", "Retention"),
            _human(provider, "deletion", "Deletion", said(facts, "Documents are removed by takedown, from every table, "
                   "version and export; {removed} were so far.")),
        )),
    ]  # fmt: skip


def _provenance(facts: Facts, provider: Provider) -> Section:
    columns = (("crawl", "Crawl"), ("first", "From"), ("last", "To"), ("files", "WARC files"), ("records", "Records"),
               ("documents", "Training documents"))  # fmt: skip
    return Section("provenance", "Provenance", (
        recorded("collection", "Collection", words("Read from web crawls in WARC files."),
                 rows(facts, "crawls.each", columns)),
        recorded("sources", "Largest sources", rows(facts, "domains.largest", (("domain", "Domain"),
                 ("documents", "Documents"), ("bytes", "Bytes of text"), ("tokens", "Tokens")))),
        recorded("cadence", "Collection period", said(facts, "From {crawls.first} to {crawls.last}; training documents "
                 "from {training.first} to {training.last}.")),
        recorded("consent", "Permission signals and policy", *reservations.consent(facts), *reservations.policy(facts)),
        _human(provider, "source_criteria", "Selection of sources"),
        recorded("criteria", "Inclusion and exclusion of documents", words(_recipe(facts))),
        _human(provider, "relationship_to_source", "Relationship to source"),
    ))  # fmt: skip


def _recipe(facts: Facts) -> str:
    resolved = facts.release.details.get("resolved", {})
    filters = ", ".join(step["name"] for step in resolved.get("filters", ())) or "none"
    dedup = ", ".join(step["name"] for step in resolved.get("dedup", ())) or "none"
    crawls = ", ".join(resolved.get("crawls", ())) or "all"
    return (
        f"By recipe {facts.release.recipe}: crawls {crawls}; filters {filters}; deduplication {dedup}. The whole "
        "recipe is in the record of the release."
    )


def _use(facts: Facts, provider: Provider) -> list[Section]:
    return [
        Section("human", "Human and other sensitive attributes", (
            _human(provider, "human_attributes", "Human attributes"),
            given("known_biases", "Known biases", provider.dataset.known_biases),
        )),
        Section("extended", "Extended use", (
            _human(provider, "extended_use", "Use with other data"),
            _human(provider, "forking", "Forking and sampling"),
            _human(provider, "use_in_ml", "Use in machine learning"),
            recorded("splits", "Splits", said(facts, "{training.documents} documents for training, {held_out} held out "
                     "for evaluation by a hash of their id.")),
            given("limitations", "Limitations", provider.dataset.limitations),
        )),
    ]  # fmt: skip


def _transformations(facts: Facts, provider: Provider) -> Section:
    flow = (("table", "Table"), ("outcome", "Outcome"), ("rule", "Rule"), ("documents", "Documents"))
    sizes = (("at_most", "Documents at most"), ("clusters", "Clusters"), ("documents", "Documents"))
    found = (("crawl", "Crawl"), ("method", "Method"), ("survivor", "Survivor in"), ("documents", "Duplicates"))
    groups = (("group", "Group"), ("weight", "Weight"), ("documents", "Documents"), ("copies", "Copies"))
    return Section("transformations", "Transformations and sampling", (
        recorded("synopsis", "Synopsis", said(facts, "Of {crawls.records} records {pages} are web pages; filters "
                 "dropped {dropped.filters} documents, {dropped.duplicates} were duplicates, the policy withheld "
                 "{withheld}, and {training.documents} remain; of their texts deduplication removed "
                 "{removed.stretches} stretches.")),
        recorded("breakdown", "Before and after, by stage and rule", rows(facts, "flow", flow)),
        recorded("duplicates", "Duplicates", said(facts, "{dropped.duplicates} documents were duplicates, of "
                 "{clusters.many} that stand for them; the largest cluster has {clusters.largest} documents. Sizes are "
                 "drawn in clusters.svg."),
                 rows(facts, "clusters.sizes", sizes), rows(facts, "clusters.crawls", found)),
        recorded("sampling", "Sampling", words("Groups of the mix and their weights."), rows(facts, "groups", groups)),
        _human(provider, "residual_risks", "Residual risks"),
        _human(provider, "human_oversight", "Human oversight"),
    ))  # fmt: skip


def _ending(facts: Facts, provider: Provider) -> list[Section]:
    scores = (("model", "Model"), ("task", "Task"), ("metric", "Metric"), ("score", "Score"),
              ("standard_error", "Standard error"), ("n", "Examples"))  # fmt: skip
    tested = rows(facts, "scores", scores) if facts.listings["scores"].rows else words("Not recorded in this release.")
    return [
        Section("annotations", "Annotations and labelling", (
            recorded("annotations", "Annotations", words("None by people. The language is a fastText model's answer.")),
            _human(provider, "annotators", "Annotators"),
        )),
        Section("validation", "Validation", (
            recorded("checks", "Checks", words("Each table passed its expectations and the conservation of rows before "
                     "it was published; the answers are in each commit.")),
            _human(provider, "validators", "Validators"),
        )),
        Section("applications", "Known applications and benchmarks", (
            recorded("benchmarks", "Scores of proxy models", tested),
            _human(provider, "known_applications", "Known applications"),
        )),
        Section("closing", "Terms of art and reflections", (
            _human(provider, "terms_of_art", "Terms of art"),
            _human(provider, "reflections", "Reflections on data"),
        )),
    ]  # fmt: skip
