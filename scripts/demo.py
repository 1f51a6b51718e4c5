"""`make demo`: run recipe `tiny` on the embedded sample, then show the funnel, the scores and one document's story."""

import subprocess
import sys
from pathlib import Path

HEADWATER = Path(sys.executable).with_name("headwater")
FUNNEL = """
    select stage, sum(documents_in)::int as documents_in, sum(documents_kept)::int as kept,
           sum(documents_dropped)::int as dropped, sum(documents_quarantined)::int as quarantined,
           sum(documents_duplicate)::int as duplicate, sum(documents_left_out)::int as left_out
    from marts.retention_funnel where recipe = 'tiny' group by stage, stage_order order by stage_order
"""
SCORES = """
    select task, metric, score, standard_error, n from eval_scores
    where recipe = 'tiny' and metric in ('bits_per_byte', 'accuracy', 'centred_accuracy') order by task desc, metric
"""


def show(title: str, *arguments: str) -> None:
    """Run a command of headwater under a title; a failure ends the demo with its exit code."""
    sys.stdout.write(f"\n{title}\n$ headwater {' '.join(a if ' ' not in a else '...' for a in arguments)}\n")
    sys.stdout.flush()
    code = subprocess.run([HEADWATER, *arguments], check=False).returncode
    if code:
        sys.exit(code)


def main() -> None:
    """The demo."""
    show("Two crawls to a model and its scores", "run", "tiny")
    show("The funnel", "sql", FUNNEL)
    show("The scores", "sql", SCORES)
    show("Where token 1000 of the training stream comes from", "trace", "--token", "tiny:00000:1000")
    show("Does the chain of lineage close?", "verify")
    sys.stdout.write(
        "\nOpen next:\n"
        "  .venv/bin/headwater ui                     the asset graph, checks and runs, at http://127.0.0.1:3000\n"
        "  .venv/bin/headwater status                 every table: version, rows by outcome, current or stale\n"
        "  .venv/bin/headwater sql 'from marts.drop_reasons limit 20'\n"
        "  recipes/tiny.yaml                          change a threshold, then: .venv/bin/headwater run tiny\n"
    )


if __name__ == "__main__":
    main()
