"""Licence URLs to SPDX ids (SPDX licence list 3.x, spdx.org/licenses; Creative Commons' URL scheme,
creativecommons.org/licenses).

A port that SPDX does not list (`by/3.0/fr`) keeps the pattern of those it does (`CC-BY-3.0-FR`). What has no SPDX id,
or no version, is a `LicenseRef-`: `LicenseRef-CC-BY-SA` is Creative Commons BY-SA of a version not said.
"""

import re
from functools import lru_cache

MAX_URL = 2_000
RESERVED = "LicenseRef-all-rights-reserved"
UNKNOWN = "LicenseRef-unknown"
PUBLIC_DOMAIN = "LicenseRef-public-domain"

_CC = re.compile(
    r"(?:creativecommons\.org|licensebuttons\.net)/(?:licen[sc]es|publicdomain|l|p)/"
    r"(?P<kind>zero|mark|certification|publicdomain|[a-z+-]{2,12})"
    r"(?:/(?P<version>\d\.\d)(?:/(?P<port>igo|scotland|[a-z]{2})(?![a-z]))?)?"
)
_WIKIPEDIA = re.compile(r"text_of_(?:the_)?creative_commons_attribution-sharealike_(\d\.\d)")
_ELEMENTS = ("by", "nc", "sa", "nd")
_GNU = re.compile(r"(?:gnu|fsf)\.org/(?:licen[sc]es|licensing|copyleft)/(?:licenses/|old-licenses/)*"
                  r"(?P<name>agpl|lgpl|gpl|fdl)(?:-?v?(?P<version>\d(?:\.\d)?))?(?![a-z])")  # fmt: skip

# Part of a URL in lower case, with the scheme and `www.` off -> SPDX id. The longest that occurs counts.
_PARTS = {
    "apache.org/licenses/license-2.0": "Apache-2.0", "apache.org/licenses/license-1.1": "Apache-1.1",
    "mozilla.org/mpl/2.0": "MPL-2.0", "mozilla.org/en-us/mpl/2.0": "MPL-2.0", "mozilla.org/mpl/1.1": "MPL-1.1",
    "mozilla.org/mpl/mpl-1.1": "MPL-1.1", "mozilla.org/mpl": "LicenseRef-MPL", "boost.org/license_1_0": "BSL-1.0",
    "eclipse.org/legal/epl-v10": "EPL-1.0", "eclipse.org/legal/epl-2.0": "EPL-2.0",
    "eclipse.org/legal/epl-v20": "EPL-2.0", "eclipse.org/org/documents/epl-v10": "EPL-1.0",
    "opendatacommons.org/licenses/odbl": "ODbL-1.0", "opendatacommons.org/licenses/by": "ODC-By-1.0",
    "opendatacommons.org/licenses/pddl": "PDDL-1.0", "opendatacommons.org/licenses/dbcl": "LicenseRef-DbCL-1.0",
    "nationalarchives.gov.uk/doc/open-government-licence": "OGL-UK-3.0",
    "nationalarchives.gov.uk/doc/open-government-licence/version/1": "OGL-UK-1.0",
    "nationalarchives.gov.uk/doc/open-government-licence/version/2": "OGL-UK-2.0",
    "nationalarchives.gov.uk/doc/open-government-licence/version/3": "OGL-UK-3.0",
    "open.canada.ca/en/open-government-licence-canada": "OGL-Canada-2.0",
    "ouvert.canada.ca/fr/licence-du-gouvernement-ouvert-canada": "OGL-Canada-2.0",
    "etalab.gouv.fr/licence-ouverte-open-licence": "etalab-2.0", "etalab/licence-ouverte": "etalab-2.0",
    "etalab-licence-ouverte-v2": "etalab-2.0", "govdata.de/dl-de/by-2-0": "DL-DE-BY-2.0",
    "govdata.de/dl-de/zero-2-0": "DL-DE-ZERO-2.0", "data.norge.no/nlod/en/2.0": "NLOD-2.0",
    "data.norge.no/nlod/no/2.0": "NLOD-2.0", "data.norge.no/nlod/en/1.0": "NLOD-1.0",
    "data.norge.no/nlod/no/1.0": "NLOD-1.0", "data.norge.no/nlod": "NLOD-2.0",
    "dati.gov.it/iodl/2.0": "LicenseRef-IODL-2.0", "artlibre.org/licence/lal": "LAL-1.3",
    "artlibre.org/lal": "LAL-1.3", "unlicense.org": "Unlicense", "wtfpl.net": "WTFPL",
    "sam.zoy.org/wtfpl": "WTFPL", "eupl.eu/1.2": "EUPL-1.2", "eupl.eu/1.1": "EUPL-1.1",
    "docs.python.org/license": "Python-2.0", "python.org/psf/license": "PSF-2.0",
    "cdla.dev/permissive-2-0": "CDLA-Permissive-2.0", "cdla.dev/permissive-1-0": "CDLA-Permissive-1.0",
    "cdla.dev/sharing-1-0": "CDLA-Sharing-1.0", "cdla.io/permissive-1-0": "CDLA-Permissive-1.0",
    "cdla.io/sharing-1-0": "CDLA-Sharing-1.0", "perlfoundation.org/artistic_license_2_0": "Artistic-2.0",
    "dev.perl.org/licenses/artistic": "Artistic-1.0-Perl", "php.net/license/3_01": "PHP-3.01",
    "polyformproject.org/licenses/noncommercial/1.0.0": "PolyForm-Noncommercial-1.0.0",
    "opencontent.org/openpub": "OPUBL-1.0", "scripts.sil.org/ofl": "OFL-1.1", "openfontlicense.org": "OFL-1.1",
    "jclark.com/xml/copying": "MIT", "w3.org/consortium/legal/copyright-software": "W3C",
    "latex-project.org/lppl/lppl-1-3c": "LPPL-1.3c",
    "rightsstatements.org/vocab/inc/": "LicenseRef-rightsstatements-InC-1.0",
    "rightsstatements.org/vocab/noc-us/": "LicenseRef-rightsstatements-NoC-US-1.0",
    "rightsstatements.org/vocab/nkc/": "LicenseRef-rightsstatements-NKC-1.0",
    "rightsstatements.org/vocab/und/": "LicenseRef-rightsstatements-UND-1.0",
    "rightsstatements.org/page/inc/": "LicenseRef-rightsstatements-InC-1.0",
}  # fmt: skip
_ORDERED = sorted(_PARTS.items(), key=lambda item: (-len(item[0]), item[0]))
_LISTED = re.compile(
    r"(?:opensource\.org/licen[sc]es?|choosealicense\.com/licenses|spdx\.org/licenses)/([a-z0-9.+-]{2,40})"
)
_FILE_ENDING = re.compile(r"(?:\.(?:html?|php|txt|json|rdf|xml|pdf|md))$")

# Ids that occur as URLs and SPDX-License-Identifier tags on the web; names are compared without case, as SPDX has it.
_IDS = """
0BSD AFL-3.0 AGPL-1.0-only AGPL-3.0-only AGPL-3.0-or-later Apache-1.0 Apache-1.1 Apache-2.0 APSL-2.0 Artistic-1.0
Artistic-1.0-Perl Artistic-2.0 BlueOak-1.0.0 BSD-1-Clause BSD-2-Clause BSD-2-Clause-Patent BSD-3-Clause
BSD-3-Clause-Clear BSD-4-Clause BSL-1.0 BUSL-1.1 CAL-1.0 CC-PDDC CC-PDM-1.0 CC0-1.0 CDDL-1.0 CDDL-1.1
CDLA-Permissive-1.0 CDLA-Permissive-2.0 CDLA-Sharing-1.0 CECILL-2.1 CECILL-B CECILL-C CPAL-1.0 CPL-1.0 curl
ECL-2.0 EFL-2.0 Elastic-2.0 EPL-1.0 EPL-2.0 etalab-2.0 EUPL-1.1 EUPL-1.2 FSFAP FTL GFDL-1.1-only GFDL-1.1-or-later
GFDL-1.2-only GFDL-1.2-or-later GFDL-1.2-no-invariants-only GFDL-1.2-no-invariants-or-later GFDL-1.3-only
GFDL-1.3-or-later GFDL-1.3-no-invariants-only GFDL-1.3-no-invariants-or-later GPL-1.0-only GPL-1.0-or-later
GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later HPND ICU IJG IPL-1.0 ISC JSON LAL-1.3 LGPL-2.0-only
LGPL-2.0-or-later LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later Libpng Linux-OpenIB
Linux-man-pages-copyleft LPPL-1.3c MIT MIT-0 MIT-Modern-Variant MPL-1.0 MPL-1.1 MPL-2.0 MPL-2.0-no-copyleft-exception
MS-PL MS-RL MulanPSL-2.0 NCSA NLOD-1.0 NLOD-2.0 NPOSL-3.0 ODbL-1.0 ODC-By-1.0 OFL-1.0 OFL-1.1 OGL-Canada-2.0
OGL-UK-1.0 OGL-UK-2.0 OGL-UK-3.0 OLDAP-2.8 OpenSSL OPUBL-1.0 OSL-1.0 OSL-2.1 OSL-3.0 PDDL-1.0 PHP-3.0 PHP-3.01
PolyForm-Noncommercial-1.0.0 PolyForm-Small-Business-1.0.0 PostgreSQL PSF-2.0 Python-2.0 QPL-1.0 Ruby Sleepycat SSPL-1.0
TCL Unicode-3.0 Unicode-DFS-2016 Unlicense UPL-1.0 Vim W3C W3C-20150513 WTFPL X11 Zlib ZPL-2.1
"""
_BY_NAME = {name.casefold(): name for name in _IDS.split()}
# What opensource.org and others called them; SPDX's own deprecated ids among them.
_ALSO = {
    "mit-license": "MIT", "bsd-license": "BSD-2-Clause", "isc-license": "ISC", "zlib-license": "Zlib",
    "gpl-license": "LicenseRef-GPL", "lgpl-license": "LicenseRef-LGPL", "gpl-2.0": "GPL-2.0-only",
    "gpl-2.0+": "GPL-2.0-or-later", "gpl-3.0": "GPL-3.0-only", "gpl-3.0+": "GPL-3.0-or-later",
    "gpl-1.0": "GPL-1.0-only", "gpl-1.0+": "GPL-1.0-or-later", "lgpl-2.0": "LGPL-2.0-only",
    "lgpl-2.0+": "LGPL-2.0-or-later", "lgpl-2.1": "LGPL-2.1-only", "lgpl-2.1+": "LGPL-2.1-or-later",
    "lgpl-3.0": "LGPL-3.0-only", "lgpl-3.0+": "LGPL-3.0-or-later", "agpl-3.0": "AGPL-3.0-only",
    "agpl-3.0+": "AGPL-3.0-or-later", "gfdl-1.1": "GFDL-1.1-only", "gfdl-1.2": "GFDL-1.2-only",
    "gfdl-1.3": "GFDL-1.3-only", "gfdl-1.1+": "GFDL-1.1-or-later", "gfdl-1.2+": "GFDL-1.2-or-later",
    "gfdl-1.3+": "GFDL-1.3-or-later", "artistic-license-2.0": "Artistic-2.0", "apache2.0": "Apache-2.0",
    "bsd": "LicenseRef-BSD", "cc0": "CC0-1.0",
}  # fmt: skip
_CC_ID = re.compile(r"cc-by(?:-nc)?(?:-sa|-nd)?-\d\.\d(?:-[a-z]{2,3})?")


def of_id(name: str) -> str | None:
    """An SPDX id in SPDX's spelling; None for what is none that we know. `LicenseRef-` ids are kept as they are."""
    bare = name.strip().casefold()
    if _CC_ID.fullmatch(bare):
        return bare.upper()
    if re.fullmatch(r"licenseref-[a-z0-9.-]{1,60}", bare):
        return "LicenseRef-" + name.strip()[11:]
    return _BY_NAME.get(bare) or _ALSO.get(bare)


@lru_cache(maxsize=4096)
def of_url(url: str) -> str | None:
    """The licence that a URL is the text, deed or button of; None where it is not a licence that we know."""
    if len(url) > MAX_URL:
        return None
    bare = url.strip().lower().replace("\\/", "/").replace("%2f", "/").replace("%3a", ":")
    return _creative_commons(bare) or _gnu(bare) or _listed(bare) or _part(bare)


def _creative_commons(url: str) -> str | None:
    wikipedia = _WIKIPEDIA.search(url)
    if wikipedia is not None:
        return f"CC-BY-SA-{wikipedia[1]}"
    found = _CC.search(url)
    return creative_commons(found["kind"], found["version"], found["port"]) if found is not None else None


def creative_commons(kind: str, version: str | None, port: str | None = None) -> str | None:
    """SPDX id of a Creative Commons licence by its elements (`by-nc-sa`), version and country."""
    special = {"zero": "CC0-1.0", "cc0": "CC0-1.0", "mark": "CC-PDM-1.0"}.get(kind)
    if special is not None or kind in ("certification", "publicdomain"):
        return special or "CC-PDDC"
    elements = kind.split("-")
    if kind == "sa" or not set(elements) <= set(_ELEMENTS) or ("by" not in elements and version != "1.0"):
        return "CC-SA-1.0" if kind == "sa" else None
    # by-nd-nc, as version 1.0 had it, is by-nc-nd in SPDX too where both occur.
    name = "-".join(e.upper() for e in _ELEMENTS if e in elements)
    if version is None:
        return f"LicenseRef-CC-{name}"
    # Version 4.0 has no ports, and `deed.de` or `legalcode` only name a language or a file.
    country = {"scotland": "SCOTLAND"}.get(port or "", (port or "").upper()) if version < "4.0" else ""
    return f"CC-{name}-{version}" + (f"-{country}" if country else "")


def _gnu(url: str) -> str | None:
    found = _GNU.search(url)
    return gnu(found["name"], found["version"]) if found is not None else None


def gnu(name: str, version: str | None, *, later: bool = False) -> str | None:
    """SPDX id of a licence of the GNU project; `later` where the text adds "or any later version"."""
    family = {"fdl": "GFDL", "gfdl": "GFDL"}.get(name.lower(), name.upper())
    if version is None:
        return f"LicenseRef-{family}"
    number = version if "." in version else f"{version}.0"
    return of_id(f"{family}-{number}-{'or-later' if later else 'only'}") or f"LicenseRef-{family}-{number}"


def _listed(url: str) -> str | None:
    found = _LISTED.search(url)
    return of_id(_FILE_ENDING.sub("", found[1])) if found is not None else None


def _part(url: str) -> str | None:
    return next((licence for part, licence in _ORDERED if part in url), None)
