"""Licence URLs and ids to SPDX ids."""

import pytest

from headwater.rights.spdx import of_id, of_url


@pytest.mark.parametrize(
    ("url", "licence"),
    [
        ("http://creativecommons.org/licenses/by-sa/3.0/de/", "CC-BY-SA-3.0-DE"),
        ("//creativecommons.org/licenses/by/3.0/deed.de", "CC-BY-3.0"),
        ("https://creativecommons.org/licenses/by/3.0/igo/", "CC-BY-3.0-IGO"),
        ("https://creativecommons.org/licenses/by-nc-nd/4.0/legalcode.de", "CC-BY-NC-ND-4.0"),
        ("https://creativecommons.org/licenses/by-nd-nc/1.0", "CC-BY-NC-ND-1.0"),
        ("https://creativecommons.org/licenses/by-sa", "LicenseRef-CC-BY-SA"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "CC-PDM-1.0"),
        ("https://i.creativecommons.org/l/by-nc/3.0/de/88x31.png", "CC-BY-NC-3.0-DE"),
        ("https://en.wikipedia.org/wiki/Wikipedia:Text_of_Creative_Commons_Attribution-ShareAlike_3.0_Unported_License",
         "CC-BY-SA-3.0"),
        ("http://www.gnu.org/copyleft/fdl.html", "LicenseRef-GFDL"),
        ("https://www.gnu.org/licenses/old-licenses/gpl-2.0.html", "GPL-2.0-only"),
        ("https://www.gnu.org/licenses/fdl-1.3.en.html", "GFDL-1.3-only"),
        ("https://opensource.org/licenses/MIT", "MIT"),
        ("https://www.opensource.org/licenses/bsd-license.php", "BSD-2-Clause"),
        ("https://www.mozilla.org/en-US/MPL/2.0/", "MPL-2.0"),
        ("https://www.nationalarchives.gov.uk/doc/open-government-licence/version/2/", "OGL-UK-2.0"),
        ("https://opendatacommons.org/licenses/odbl/1-0/", "ODbL-1.0"),
        ("https://spdx.org/licenses/BSD-3-Clause.html", "BSD-3-Clause"),
        ("https://www.govdata.de/dl-de/by-2-0", "DL-DE-BY-2.0"),
    ],
)  # fmt: skip
def test_a_licence_url_has_an_spdx_id(url, licence):
    assert of_url(url) == licence


@pytest.mark.parametrize(
    "url",
    ["https://creativecommons.org/about", "https://creativecommons.org/licenses/", "https://a.example/license",
     "https://opensource.org/licenses/nothing-known", "https://www.gnu.org/software/gplot/", "x" * 5_000],
)  # fmt: skip
def test_another_url_has_none(url):
    assert of_url(url) is None


@pytest.mark.parametrize(
    ("name", "licence"),
    [("mit", "MIT"), ("GPL-2.0+", "GPL-2.0-or-later"), ("gpl-3.0", "GPL-3.0-only"), ("cc-by-4.0", "CC-BY-4.0"),
     ("LicenseRef-Ours", "LicenseRef-Ours"), ("Proprietary", None), ("", None)],
)  # fmt: skip
def test_ids_are_spelt_as_spdx_spells_them(name, licence):
    assert of_id(name) == licence
