"""OpenLineage's published schemas and ours, in a registry that never asks the network."""

import json

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from headwater.openlineage import own
from tests.chain import ROOT

PUBLISHED = ROOT / "tests/data/openlineage"
SPEC = "https://openlineage.io/spec/2-0-2/OpenLineage.json"


def registry():
    texts = [*(path.read_text() for path in PUBLISHED.glob("*.json")), *own.schemas().values()]
    return Registry().with_resources((s["$id"], Resource.from_contents(s)) for s in map(json.loads, texts))


KNOWN = registry()


def broken(value, url):
    """What is wrong with a value under a schema of the registry."""
    validator = Draft202012Validator({"$ref": url}, registry=KNOWN, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def facets(value):
    """Every facet in an event, with the key it has there."""
    if isinstance(value, list):
        for entry in value:
            yield from facets(entry)
    elif isinstance(value, dict):
        for key, entry in value.items():
            if isinstance(entry, dict) and "_schemaURL" in entry:
                yield key, entry
            yield from facets(entry)


def problems(event):
    """What is wrong with an event and its facets: each by the schema that it names, under the key that this allows."""
    found = [*broken(event, SPEC), *broken(event, event["schemaURL"])]
    for key, facet in facets(event):
        file, pointer = facet["_schemaURL"].split("#")
        properties = KNOWN.contents(file)["properties"]
        assert pointer.removeprefix("/$defs/") in KNOWN.contents(file)["$defs"]
        found += broken(facet, facet["_schemaURL"])
        if key not in properties:
            found.append(f"{key}: its schema names {sorted(properties)}")
    return found
