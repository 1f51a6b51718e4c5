"""What single characters are to rules about sentences and words: flags by code point, and their lower case.

Both tables end below 0x20000: what is beyond has no case and ends no sentence. Sources: Unicode (Sentence_Terminal of
UTS 18 and PropList.txt) for the marks that end a sentence, Python's str.isupper and str.lower for case.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from headwater.text.unicode import MARK, NUMBER, SPACE, kinds

UPPER, TERMINAL, BLANK, CLOSER, WORD = 1, 2, 4, 8, 16
SIZE = 0x20000
# The marks that end a sentence in some script, as datatrove lists them; an ellipsis and a quotation mark are none.
TERMINALS = (
    "0021 002E 003F 0589 061D-061F 06D4 0700-0702 07F9 0837 0839 083D-083E 0964-0965 104A-104B 1362 1367-1368 166E "
    "1735-1736 17D4-17D6 17D9-17DA 1803 1809 1944-1945 1AA8-1AAB 1B5A-1B5B 1B5E-1B5F 1B7D-1B7E 1C3B-1C3C 1C7E-1C7F "
    "203C-203D 2047-2049 2E2E 2E3C 2E53-2E54 3002 A4FF A60E-A60F A6F3 A6F7 A876-A877 A8CE-A8CF A92F A9C8-A9C9 "
    "AA5D-AA5F AAF0-AAF1 ABEB FE52 FE56-FE57 FF01 FF0E FF1F FF61 10A56-10A57 10F55-10F59 10F86-10F89 11047-11048 "
    "110BE-110C1 11141-11143 111C5-111C6 111CD 111DE-111DF 11238-11239 1123B-1123C 112A9 1144B-1144C 115C2-115C3 "
    "115C9-115D7 11641-11642 1173C-1173E 11944 11946 11A42-11A43 11A9B-11A9C 11C41-11C42 11EF7-11EF8 11F43-11F44 "
    "16A6E-16A6F 16AF5 16B37-16B38 16B44 16E98 1BC9F 1DA88"
)
CLOSERS = "\"')]}\u00bb\u2019\u201d\u203a\u300d\u300f\u3011\uff09"


def terminals() -> list[int]:
    """The code points that end a sentence, in order."""
    runs = [[int(end, 16) for end in run.split("-")] for run in TERMINALS.split()]
    return [point for run in runs for point in range(run[0], run[-1] + 1)]


@cache
def flags() -> npt.NDArray[np.uint8]:
    """UPPER, TERMINAL, BLANK (white space), CLOSER (of quotes and brackets), WORD by code point. Read-only.

    WORD is a letter, a number, a mark or a low line, as in a word of any script.
    """
    kind = kinds()[:SIZE]
    table = np.where(kind == SPACE, BLANK, 0).astype(np.uint8)
    table[(kind >= NUMBER) | (kind == MARK)] |= WORD
    table[ord("_")] |= WORD
    table[[point for point in range(SIZE) if chr(point).isupper()]] |= UPPER
    table[terminals()] |= TERMINAL
    table[[ord(char) for char in CLOSERS]] |= CLOSER
    table.flags.writeable = False
    return table


@cache
def lower() -> npt.NDArray[np.uint32]:
    """The lower case of every code point below 0x20000, itself where that is not one character. Read-only."""
    table = np.arange(SIZE, dtype=np.uint32)
    for point in range(SIZE):
        small = chr(point).lower()
        if len(small) == 1:
            table[point] = ord(small)
    table.flags.writeable = False
    return table
