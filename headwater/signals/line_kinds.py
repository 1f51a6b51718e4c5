"""What kinds of lines a text has: ending as sentences do, short, copied, capitals, digits, notices, code, tables, math.

Sources: the line and page rules of C4 (Raffel et al. 2020, arXiv 1910.10683) and mC4 (arXiv 2010.11934), of FineWeb
(arXiv 2406.17557) and RefinedWeb (arXiv 2306.01116) as datatrove and DCLM count; commands of math as RedStone (arXiv
2412.03398). Lines end at newlines. Shares are of the lines that have something else than white space; a share of
nothing is 0.

* terminal_line_ratio: share whose last character ends a sentence in some script (. ? ! 。 ؟ ।, no quotation mark)
* short_line_ratio: share of at most 30 characters
* duplicate_char_ratio: characters of second and later copies of lines, per character that is no newline
* newlines: how many; FineWeb divides them by words
* sentences: see below; third_longest_line_chars: 0 where there are fewer than three lines, blank ones counted (mC4)
* uppercase_line_ratio: share with more than half of the characters upper case; numeric_line_ratio: digits 0-9 alone
* lorem_ipsum, curly_brackets: how often "lorem ipsum" and "{" stand in the text
* javascript_lines, policy_lines: lines with "javascript"; with one of C4's six phrases on terms and cookies
* code_line_ratio: share in a fence of ``` or ~~~ (its ends included), or indented by a tab or four spaces with one of
  {}();=<>[]; table_line_ratio: share, out of code, that begins and ends with "|"
* math_line_ratio: share with a LaTeX command of mathematics, as `\\frac`; latex_command_kinds: how many different ones

C4 counts sentences with NLTK's trained Punkt model. Here a sentence ends at a mark (any of the terminal ones), after
closing quotes and brackets, where white space or the text's end follows; other scripts' marks need no white space. A
full stop does not end one before a small letter, nor after a capital letter that stands alone, unless the line ends.
What follows the last end of a line is a sentence too. An abbreviation before a capital (Dr. Smith) splits one here.
Phrases are found in any mix of ASCII cases.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.text.utf8 import longest_bytes, utf8

VERSION = 1
COLUMNS = (
    "terminal_line_ratio", "short_line_ratio", "duplicate_char_ratio", "newlines", "sentences",
    "third_longest_line_chars", "uppercase_line_ratio", "numeric_line_ratio", "lorem_ipsum", "curly_brackets",
    "javascript_lines", "policy_lines", "code_line_ratio", "table_line_ratio", "math_line_ratio",
    "latex_command_kinds",
)  # fmt: skip
# Names that are also a folder or an escape in code (text, users, include, new, ...) are left out.
LATEX = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi varphi chi psi omega frac dfrac tfrac sqrt sum prod int iint oint lim limsup liminf sup inf max min "
    "log ln exp sin cos tan cot sec csc sinh cosh tanh arcsin arccos arctan det dim ker gcd deg arg mod pmod bmod "
    "binom cdot cdots ldots vdots ddots times div pm mp leq geq neq le ge ne ll gg approx equiv sim simeq cong propto "
    "subset subseteq supset supseteq in notin cup cap setminus emptyset forall exists neg land lor wedge vee "
    "rightarrow leftarrow to mapsto implies iff infty partial nabla prime hat bar vec tilde dot ddot overline "
    "underline widehat widetilde overbrace underbrace mathbb mathbf mathcal mathrm mathfrak mathit operatorname "
    "left right big bigg langle rangle lfloor rfloor lceil rceil begin end quad qquad otimes oplus circ perp parallel "
    "angle triangle therefore because ell hbar star dagger"
)


def line_kinds(texts: pa.Array) -> dict[str, npt.NDArray[np.float64]]:
    """One number a text for each of COLUMNS."""
    from headwater.signals._line_kind_kernels import meanings, measure_line_kinds, packed
    from headwater.text.characters import flags

    data, offsets = utf8(texts)
    out = np.empty((len(texts), len(COLUMNS)))
    commands = np.array(sorted(packed(name) for name in LATEX.split()), np.uint64)
    measure_line_kinds(data, offsets, meanings(), flags(), commands, longest_bytes(offsets), out)
    return dict(zip(COLUMNS, out.T.copy(), strict=True))
