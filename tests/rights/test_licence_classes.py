"""Use classes and obligations of licences: those of the Data Provenance Initiative, and the cases it leaves open."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.rights import licence_classes, spdx
from tests.chain import ROOT

# A part of its constants/license_classes.json (Apache-2.0), read 2025-11, by the SPDX id of each name.
DPI = {
    "AFL-3.0": ("commercial", 1, 0), "Apache-2.0": ("commercial", 1, 0), "Artistic-2.0": ("commercial", 1, 0),
    "BSD-2-Clause": ("commercial", 1, 0), "BSD-3-Clause": ("commercial", 1, 0), "C-UDA-1.0": ("commercial", 1, 1),
    "CC-BY-2.0": ("commercial", 1, 0), "CC-BY-4.0": ("commercial", 1, 0), "CC-BY-NC-4.0": ("non-commercial", 1, 0),
    "CC-BY-NC-ND-4.0": ("non-commercial", 1, 0), "CC-BY-NC-SA-4.0": ("non-commercial", 1, 1),
    "CC-BY-SA-3.0": ("commercial", 1, 1), "CC0-1.0": ("commercial", 0, 0), "CDLA-Permissive-2.0": ("commercial", 1, 0),
    "CDLA-Sharing-1.0": ("commercial", 1, 1), "EPL-1.0": ("commercial", 1, 0), "GPL-2.0-only": ("commercial", 1, 1),
    "GPL-3.0-only": ("commercial", 1, 1), "ISC": ("commercial", 1, 0), "LGPL-2.1-only": ("commercial", 1, 0),
    "MIT": ("commercial", 1, 0), "MPL-2.0": ("commercial", 1, 0), "ODC-By-1.0": ("commercial", 1, 0),
    "OGL-UK-3.0": ("commercial", 1, 0),
}  # fmt: skip


@pytest.mark.parametrize("licence", DPI)
def test_a_licence_has_the_class_that_the_data_provenance_initiative_gives_it(licence):
    found = licence_classes.terms(licence)
    asks = ("attribution" in found.obligations, "share-alike" in found.obligations)
    assert (found.use, *asks) == DPI[licence]


def test_every_licence_that_a_url_can_lead_to_is_in_the_table():
    source = (ROOT / "headwater/rights/spdx.py").read_text()
    urls = ["creativecommons.org/licenses/by-nc-nd/2.5/scotland/", "creativecommons.org/licenses/by-sa/"]
    urls += [f"opensource.org/licenses/{name}" for name in re.findall(r"[A-Za-z0-9.+-]{2,40}", source)]
    urls += re.findall(r'"([a-z0-9./-]+/[a-z0-9./_-]+)": "', source)
    found = {spdx.of_url(url) for url in urls if not url.endswith("-")} - {None}
    assert len(found) > 150
    assert {licence for licence in found if not licence_classes.known(licence)} == set()


@pytest.mark.parametrize(
    ("licence", "use", "obligations"),
    [
        ("CC-BY-SA-3.0-DE", "commercial", {"attribution", "share-alike"}),
        ("CC-BY-ND-4.0", "commercial", {"attribution", "no-derivatives"}),
        ("MIT-0", "commercial", set()),
        ("mit", "commercial", {"attribution"}),
        ("GPL-2.0-or-later WITH Classpath-exception-2.0", "commercial", {"attribution", "share-alike"}),
        ("(MIT OR CC-BY-NC-4.0)", "non-commercial", {"attribution"}),
        ("mit and cc-by-nc-4.0", "non-commercial", {"attribution"}),
        ("LicenseRef-all-rights-reserved", "reserved", set()),
        ("LicenseRef-unknown", "academic-only", {"attribution", "share-alike"}),
        ("Some-Licence-Of-Its-Own", "academic-only", {"attribution", "share-alike"}),
    ],
)
def test_the_cases_that_the_table_decides_for_itself(licence, use, obligations):
    assert licence_classes.terms(licence) == (use, obligations)


@given(st.text(max_size=80))
def test_whatever_a_page_calls_its_licence_has_a_class(licence):
    assert licence_classes.terms(licence).use in licence_classes.USES


def test_a_licence_is_linked_to_its_text():
    assert licence_classes.url("CC-BY-SA-3.0-DE") == "https://creativecommons.org/licenses/by-sa/3.0/de/"
    assert licence_classes.url("CC0-1.0") == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert licence_classes.url("MIT") == "https://spdx.org/licenses/MIT.html"
    assert licence_classes.url("LicenseRef-unknown") is None


@pytest.mark.parametrize("licence", ["CC-BY-4.0", "CC-BY-SA-3.0-DE", "CC-BY-NC-ND-2.0", "CC0-1.0", "CC-PDM-1.0"])
def test_the_address_of_a_licence_leads_back_to_it(licence):
    assert spdx.of_url(licence_classes.url(licence)) == licence
