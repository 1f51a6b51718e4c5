"""What a licence lets its reader do: a use class, and what it asks for in return, for SPDX ids and families of them.

Use classes are those of the Data Provenance Initiative (`constants/license_classes.json`, Longpre et al. 2023,
arXiv:2310.16787) for the licences that it lists; `reserved` and `no-derivatives` are ours, because a web page may
reserve its rights and that table has no column for ND. A licence that is not here is DPI's `?`: academic-only, with
attribution and share-alike.
"""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal, NamedTuple

VERSION = 2
Use = Literal["commercial", "unspecified", "non-commercial", "academic-only", "reserved"]
Obligation = Literal["attribution", "share-alike", "no-derivatives"]

# From the least strict to the strictest: DPI's order, with `reserved` above it.
USES: tuple[Use, ...] = ("commercial", "unspecified", "non-commercial", "academic-only", "reserved")
OBLIGATIONS: tuple[Obligation, ...] = ("attribution", "share-alike", "no-derivatives")


class Terms(NamedTuple):
    """What a licence allows and asks for."""

    use: Use
    obligations: frozenset[Obligation]


_NOTHING: frozenset[Obligation] = frozenset()
_BY: frozenset[Obligation] = frozenset({"attribution"})
_BY_SA: frozenset[Obligation] = frozenset({"attribution", "share-alike"})
_BY_ND: frozenset[Obligation] = frozenset({"attribution", "no-derivatives"})
UNKNOWN = Terms("academic-only", _BY_SA)

# The pattern that says most counts. Names are compared without case, as SPDX has it.
_TABLE: tuple[tuple[Use, frozenset[Obligation], str], ...] = (
    ("commercial", _NOTHING, """
        CC0-* CC-PDM-* CC-PDDC PDDL-* Unlicense Unlicense-* 0BSD MIT-0 WTFPL NIST-PD* SAX-PD* DL-DE-ZERO-*
        LicenseRef-public-domain LicenseRef-cc-public-domain* LicenseRef-us-gov*
        LicenseRef-DbCL-*"""),
    ("commercial", _BY, """
        CC-BY-[0-9]* CDLA-Permissive-* ODC-By-* OGL-* etalab-* DL-DE-BY-* MIT MIT-* Apache-* BSD-* ISC AFL-* Artistic-*
        Zlib BSL-1.0 BlueOak-* NCSA X11 X11-* HPND HPND-* PSF-* Python-2.0* PostgreSQL PHP-* Ruby TCL curl OpenSSL
        Libpng FTL FSFAP* Unicode-* W3C W3C-* OFL-* LPPL-* OPUBL-* UPL-* Vim ZPL-* OLDAP-* ECL-* MulanPSL-* EPL-* MPL-*
        LGPL-* CDDL-* MS-PL NLOD-* IPL-* CPL-* EFL-* ICU IJG JSON Linux-OpenIB CECILL-B CECILL-C LicenseRef-CC-BY
        LicenseRef-IODL-* LicenseRef-BSD LicenseRef-MPL LicenseRef-LGPL*"""),
    ("commercial", _BY_SA, """
        CC-BY-SA-* CC-SA-* GFDL-* ODbL-* CDLA-Sharing-* C-UDA-* GPL-* AGPL-* EUPL-* CECILL-* OSL-* APSL-* CAL-* CPAL-*
        QPL-* MS-RL LAL-* Sleepycat Linux-man-pages-copyleft LicenseRef-CC-BY-SA LicenseRef-GPL* LicenseRef-AGPL*
        LicenseRef-GFDL*"""),
    ("commercial", _BY_ND, "CC-BY-ND-* CC-ND-* LicenseRef-CC-BY-ND"),
    ("non-commercial", _BY, "CC-BY-NC-[0-9]* CC-NC-* LicenseRef-CC-BY-NC PolyForm-Noncommercial-* NPOSL-*"),
    ("non-commercial", _BY_SA, "CC-BY-NC-SA-* LicenseRef-CC-BY-NC-SA"),
    ("non-commercial", _BY_ND, "CC-BY-NC-ND-* CC-BY-ND-NC-* LicenseRef-CC-BY-NC-ND"),
    ("non-commercial", _NOTHING, "LicenseRef-non-commercial* LicenseRef-noncommercial*"),
    ("academic-only", _BY, "LicenseRef-academic* LicenseRef-research*"),
    # Source available, with limits on who may use it for what.
    ("academic-only", _BY_SA, "BUSL-* Elastic-* SSPL-* PolyForm-Small-Business-*"),
    # Known to be something, and not what.
    ("academic-only", _BY_SA, "LicenseRef-unknown* LicenseRef-CC LicenseRef-RSL*"),
    ("unspecified", _NOTHING, "LicenseRef-unspecified NOASSERTION NONE LicenseRef-rightsstatements-*"),
    ("reserved", _NOTHING, "LicenseRef-all-rights-reserved* LicenseRef-rightsstatements-InC-*"),
)  # fmt: skip


def _precedence(pattern: str) -> tuple[int, str]:
    """The more a pattern says, the earlier; `MIT-0` before `MIT-*`."""
    return -len(pattern.replace("*", "")), pattern


_PATTERNS = sorted(
    ((p.casefold(), Terms(use, asks)) for use, asks, patterns in _TABLE for p in patterns.split()),
    key=lambda entry: _precedence(entry[0]),
)
_OPERATOR = re.compile(r"\s+(?:OR|AND)\s+", re.IGNORECASE)
_EXCEPTION = re.compile(r"\s+WITH\s+", re.IGNORECASE)


def rank(use: Use) -> int:
    """Place of a use class in the order of strictness."""
    return USES.index(use)


def known(licence: str, overrides: Mapping[str, Use] | None = None) -> bool:
    """Whether each licence of an id or SPDX expression is in the table or in `overrides`."""
    given = overrides or {}
    return _whole(licence, given) is not None or all(
        _given(part, given) is not None or _found(_bare(part)) is not None for part in _parts(licence)
    )


@lru_cache(maxsize=8192)
def terms(licence: str) -> Terms:
    """The terms of an SPDX id or expression, as `overridden` has them, by the table alone."""
    return overridden(licence, {})


def overridden(licence: str, overrides: Mapping[str, Use]) -> Terms:
    """The terms of an SPDX id or expression where `overrides` gives ids, or patterns of them, other use classes.

    Of an expression (`MIT AND CC-BY-4.0`, `MIT OR GPL-2.0-only`) each licence has its own class, by an override that
    matches it, else by the table, and the strictest counts, with all obligations; of a choice too, so that no more is
    claimed than each of them grants. An override that spells the expression out decides on the whole of it.
    """
    found = [_of_part(part, overrides) for part in _parts(licence)]
    strictest = max((f.use for f in found), key=rank)
    return Terms(_whole(licence, overrides) or strictest, frozenset().union(*(f.obligations for f in found)))


def _of_part(part: str, overrides: Mapping[str, Use]) -> Terms:
    by_table = _found(_bare(part)) or UNKNOWN
    return Terms(_given(part, overrides) or by_table.use, by_table.obligations)


def _whole(licence: str, overrides: Mapping[str, Use]) -> Use | None:
    name = " ".join(licence.split()).casefold()
    return next((use for said, use in overrides.items() if " ".join(said.split()).casefold() == name), None)


def _given(part: str, overrides: Mapping[str, Use]) -> Use | None:
    """What an override makes of one licence. One with an exception is matched with it (`GPL-* WITH Classpath-*`), else
    without; a pattern matches no more than one licence, so no text with a space in it."""
    return _matched(part, {p: u for p, u in overrides.items() if _EXCEPTION.search(p)}) or _matched(
        _bare(part), {p: u for p, u in overrides.items() if not _EXCEPTION.search(p)}, single=True
    )


def _matched(licence: str, patterns: Mapping[str, Use], *, single: bool = False) -> Use | None:
    """What the pattern that says most of those that an id matches is mapped to; None where none matches."""
    if single and len(licence.split()) > 1:
        return None
    name = licence.casefold()
    fitting = [p for p in patterns if fnmatchcase(name, p.casefold())]
    return patterns[min(fitting, key=_precedence)] if fitting else None


def _parts(licence: str) -> list[str]:
    bare = licence.replace("(", " ").replace(")", " ").strip()
    return [" ".join(part.split()) for part in _OPERATOR.split(bare)]


def _bare(part: str) -> str:
    """Without its exception (`WITH Classpath-exception-2.0`), which only ever grants more."""
    return _EXCEPTION.split(part)[0]


def _found(licence: str) -> Terms | None:
    name = licence.casefold()
    return next((found for pattern, found in _PATTERNS if fnmatchcase(name, pattern)), None)


def url(licence: str) -> str | None:
    """Where the text of a licence is; None for what is no single SPDX id."""
    if licence.startswith("LicenseRef-") or " " in licence or not known(licence):
        return None
    parts = re.fullmatch(r"CC-(BY(?:-NC)?(?:-SA|-ND)?)-(\d\.\d)(?:-([A-Z]{2,3}))?", licence)
    if licence in ("CC0-1.0", "CC-PDM-1.0"):
        return f"https://creativecommons.org/publicdomain/{'zero' if licence == 'CC0-1.0' else 'mark'}/1.0/"
    if parts is not None:
        country = f"{parts[3].lower()}/" if parts[3] else ""
        return f"https://creativecommons.org/licenses/{parts[1].lower()}/{parts[2]}/{country}"
    return f"https://spdx.org/licenses/{licence}.html"
