"""Whether a sentence denies the licence that it names: "not licensed under", "no longer available under", "unless
licensed under", in the main languages that `phrases` reads.

"Unless otherwise noted, content is licensed under" denies nothing, nor does "may not be copied except under".
"""

import re
from functools import lru_cache

_SENTENCE = re.compile(r"[.!?|]\s+|[。！？]")
_WITHIN = 240
_ADVERBS = r"(?:(?:(?!only)\w+ly|yet|be|been|being|made|more|longer|itself|ever|to) ){0,3}"
_GIVEN = (r"(?:(?:re-?)?licen[sc]ed|released|published|available|distributed|provided|offered|covered|shared|issued|"
          r"placed|dedicated|governed|copied|used|re-?used|redistributed|modified|under|subject to)\b")  # fmt: skip
# Ahead of the licence's name: the denial, and the first word of the grant that it denies.
_DENIALS = (
    rf"(?:\bnot|n['’]t|\bno longer|\bnever|\bneither|\bnor(?: is| are)?|\bcannot) {_ADVERBS}{_GIVEN}",
    r"\bnot (?:an? |the |(?!only)\w+ly )?(?=$)",
    r"\bnicht (?:mehr |länger |\w+lich )?(?:unter|lizen[zs]iert|veröffentlicht|freigegeben|verfügbar|durch)\b",
    r"\b(?:pas|plus|jamais|aucunement) (?:\w+ ){0,2}(?:sous|publiée?s?|distribuée?s?|disponibles?|soumise?s?|"
    r"mise?s?|couverte?s?)\b",
    r"\bno (?:está[ns]?|es|son|se encuentran?|fue|queda) (?:ya |más )?(?:bajo|licenciad|publicad|disponible|"
    r"distribuid|sujet|cubiert)",
    r"\bnon (?:è|sono|viene|vengono) (?:più |mai )?(?:sotto|rilasciat|distribuit|pubblicat|disponibil|copert|soggett|"
    r"concess|coperti)",
    r"\bnão (?:está|estão|é|são|foi|se encontra) (?:mais )?(?:sob|licenciad|disponíve|publicad|distribuíd|cobert)",
    r"\bniet (?:meer |langer )?(?:onder|gelicen|beschikbaar|gepubliceerd|vrijgegeven|uitgebracht|verspreid)",
    r"\bnie (?:jest|są|został\w*|podlega\w*) (?:już )?(?:\w+ )?(?:na licencji|na warunkach|licencj|dostępn|"
    r"udostępni|objęt|publikow)",
    r"\bне (?:\w+ )?(?:распростран|лицензир|доступ|публик|опублик|выпу|предоставл|под лиценз|поширю|ліценз|публік|"
    r"надає|на умовах|на услов)",
    r"\b(?:inte|ikke) (?:längre |lenger |lengre |længere )?(?:licens|lisens|tillgänglig|tilgjengelig|tilgængelig|"
    r"publi|udgivet|utgitt|utgiven|under)",
    r"(?:不再|不|未|没有|沒有)(?:再|按|以)?(?:采用|採用|使用|按照|依据|依據|根据|根據|依|遵循|适用|適用|受|在)",
)
# A condition, in one clause with the grant; one that ends in a comma, or that asks what else is said, comes with one.
_CONDITION = (r"\b(?:unless|es sei denn,?|à moins (?:que|qu['’])|sauf s['’]il(?:s)?|a menos que|a meno che(?: non)?|"
              r"tenzij|chyba że) ?")  # fmt: skip
_ELSE = (r"noted|stated|indicated|specified|mentioned|said|says|marked|credited|contrary|angegeben|vermerkt|indiqu|"
         r"mention|précis|especifi|contrari|indic|specific|vermeld|aangegeven|zaznaczono|wskazano|contrár")  # fmt: skip
_GIVEN_ANYWHERE = (rf"(?:\b{_GIVEN}|\b(?:unter|lizen[zs]iert|sous|bajo|licenciad|sotto|rilasciat|sob|onder|gelicen|"
                   rf"na licencji))")  # fmt: skip
# Between the denial and the name there is no other grant and no exception, else it is not that name which is denied.
_GAP = (r"(?:(?!\b(?:but|except|other than|rather|instead|sondern|außer|mais|sauf|sino|salvo|ma|mas|exceto|maar|lecz|"
        r"но|кроме|men|(?:re-?)?licen[sc]ed|released|published|available|distributed|steht|stehen)\b|而是|而采用)"
        r"[^;]){0,120}$")  # fmt: skip
_BEFORE = tuple(
    re.compile(denial + _GAP)
    for denial in (*_DENIALS, rf"{_CONDITION}(?:(?!{_ELSE})[^.,;:]){{0,80}}?{_GIVEN_ANYWHERE}")
)
# Languages whose verb comes last.
_AFTER = re.compile(r"^[^。、.,;!?]{0,60}?(?:ません|ではない|でない|されない|ていない|対象外|지 ?않|아닙니다|değil)")
_STEMS = re.compile(
    r"\bno[tnr]?\b|n['’]t\b|never|neither|cannot|unless|nicht|\bpas\b|\bplus\b|jamais|aucunement|\bnão\b|niet|\bnie\b|"
    r"\bне\b|inte\b|ikke|[不未没沒]|sei denn|moins|sauf|menos|meno|tenzij|chyba"
)


@lru_cache(maxsize=4096)
def denied(before: str, after: str = "") -> bool:
    """Whether the licence whose name stands between two lower-case texts is denied there."""
    if _AFTER.match(after) is not None:
        return True
    own = _SENTENCE.split(before)[-1][-_WITHIN:]
    return _STEMS.search(own) is not None and any(denial.search(own) is not None for denial in _BEFORE)
