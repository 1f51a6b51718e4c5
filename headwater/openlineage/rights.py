"""What a record says of rights: the policy that was asked, documents by licence, the takedown that was carried out."""

from typing import Any

from headwater.lake.lineage import Provenance


def policy(said: Provenance) -> dict[str, Any] | None:
    """The policy of a mix: its name, what decides in it by digest, and as of when each crawl's consent was asked."""
    found = said.details.get("policy")
    if found is None or said.table != "mixed":
        return None
    asked = [{"crawl": crawl, "as_of": list(days)} for crawl, days in sorted(found["consent_as_of"].items())]
    return {"name": found["name"], "digest": found["fingerprint"], "sites": found["sites_sha256"], "consent": asked}


def takedown(said: Provenance) -> dict[str, Any] | None:
    """The takedown of a commit, and how many rows of the partition are removed since."""
    found = said.details.get("takedown")
    if found is None:
        return None
    removed = said.row_flow.get("outcomes", {}).get("removed")
    return {"takedown": str(found), "counts": {"rows": said.rows, **({} if removed is None else {"removed": removed})}}


def composition(said: Provenance) -> list[dict[str, Any]] | None:
    """Documents of a mix by use class of their licence, and how many of them the policy withheld."""
    found = said.details.get("licence_classes")
    if found is None:
        return None
    return [{"licenceClass": use, **counts} for use, counts in sorted(found.items())]
