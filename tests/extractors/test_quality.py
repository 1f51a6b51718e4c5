"""How good each extractor is on pages with gold texts. A floor is a promise: raise it, and lower it only in the open.

benchmarks/extraction.py quality prints the figures, also those that the libraries publish.
"""

import pytest

from tests.extractors import gold

PUBLISHED = {
    "trafilatura": {"favor_precision": False, "deduplicate": False},
    "justext": {"length_low": 50, "stopwords_low": 0.1, "stopwords_high": 0.2, "no_headings": True},
}


@pytest.mark.parametrize(
    ("extractor", "precision", "recall", "f1"),
    [
        ("resiliparse", 0.850, 0.982, 0.911),
        ("structured", 0.850, 0.981, 0.911),
        ("trafilatura", 0.937, 0.967, 0.952),
        ("justext", 0.826, 0.643, 0.723),
    ],
)
def test_articles_are_extracted_as_well_as_before(test_data, extractor, precision, recall, f1):
    found = gold.articles(test_data, gold.ARTICLES, extractor)
    assert (found.precision >= precision, found.recall >= recall, found.f1 >= f1) == (True, True, True), found


@pytest.mark.parametrize(
    ("extractor", "published"),
    # F1 of output/*.json of github.com/scrapinghub/article-extraction-benchmark on the pages that are here.
    [("trafilatura", 0.950), ("justext", 0.742)],
)
def test_with_the_options_of_a_published_run_we_are_as_good_as_that(test_data, extractor, published):
    assert round(gold.articles(test_data, gold.ARTICLES, extractor, **PUBLISHED[extractor]).f1, 3) >= published


def test_resiliparse_is_as_good_as_is_published_of_it(test_data):
    """0.811 is Trafilatura's figure of it (docs/evaluation.rst, 2026) on 990 pages, of which 480 are here."""
    assert gold.snippets(test_data, "resiliparse").f1 >= 0.855


@pytest.mark.parametrize(
    ("extractor", "f1"), [("resiliparse", 0.938), ("structured", 0.923), ("trafilatura", 0.917), ("justext", 0.550)]
)
def test_what_readability_makes_of_pages_is_found(test_data, extractor, f1):
    assert gold.articles(test_data, "mozilla__readability", extractor).f1 >= f1


@pytest.fixture(scope="module")
def documentation(test_data):
    return list(gold.crawled([test_data / "sample.warc.gz"], 1_000))


def test_structured_keeps_listings_and_tables_whole(documentation):
    code, tables = gold.kept_whole(documentation, "structured")
    assert (len(documentation), code >= 0.98, tables >= 0.985) == (144, True, True), (code, tables)


def test_structured_keeps_more_than_the_others(documentation):
    ours = gold.kept_whole(documentation, "structured")
    for other in ("resiliparse", "trafilatura", "justext"):
        code, tables = gold.kept_whole(documentation, other)
        assert ours[0] > code + 0.1
        assert ours[1] > tables + 0.05


def test_all_formulas_of_an_encyclopedias_page_are_kept_as_they_were_written(test_data):
    page = next(p for p in gold.pages(test_data, "mozilla__readability") if p["id"] == "readability:wikipedia-3")
    assert gold.formulas(page["html"], gold.extract("structured", page["html"])) == (48, 48)
    assert gold.formulas(page["html"], gold.extract("resiliparse", page["html"])) == (0, 48)


MATHJAX = [
    r"\(a \neq 0\)",
    r"\(ax^{2} + bx + c = 0\)",
    r"\[x = \frac{-b \pm \sqrt{b^{2}-4ac}}{2a}\text{ . }\]",
    r"\[\begin{aligned} \dot{x} & = \sigma(y - x) \\ \dot{y} & = \rho x - y - xz \\ \dot{z} & = - \beta z + xy",
    r"= \begin{vmatrix} \mathbf{i} & \mathbf{j} & \mathbf{k} \\",
    r"\[P(E) = ({n \atop k})p^{k}(1 - p)^{n - k}\]",
    r"= \prod_{j = 0}^{\infty}\frac{1}{(1 - q^{5j + 2})(1 - q^{5j + 3})},\text{ for }|q| < 1.\]",
    r"\nabla \cdot \vec{\mathbf{B}} & = 0 \end{aligned}\]",
]  # fmt: skip


@pytest.mark.parametrize("formula", MATHJAX)
def test_mathml_of_mathjax_3_becomes_latex(test_data, formula):
    page = next(p for p in gold.pages(test_data, "mozilla__readability") if p["id"] == "readability:mathjax")
    assert formula in gold.extract("structured", page["html"])
