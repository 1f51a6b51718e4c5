"""What a sentence says of a licence: which licence it names, whether it grants it, and what the sentence is about.

Sentences are short (the caller bounds them) and every expression here takes time linear in them.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from headwater.rights._words import RESERVED as RESERVED_WORDS
from headwater.rights.spdx import PUBLIC_DOMAIN, RESERVED, creative_commons, gnu, of_id


class Name(NamedTuple):
    """A licence named in a text, and where."""

    licence: str
    start: int
    end: int


# Elements of Creative Commons' licences as the deeds name them in their languages.
_BY = (r"attribution|namensnennung|paternité|reconocimiento|atribución|attribuzione|atribuição|naamsvermelding|uznanie "
       r"autorstwa|атрибуц\w+|указание авторства|із зазначенням авторства|表示|署名|姓名標示|저작자 ?표시|erkännande|"
       r"navngivelse|kreditering|nimeä|mainijuuri|uveďte (?:autora|původ)|αναφορά|reconeixement|atribuire|imenovanje|"
       r"nevezd meg|alıntı")  # fmt: skip
_NC = (r"non-?\s?commerci\w+|nicht-?\s?kommerziell\w*|keine\s?kommerzielle|pas d['’ ]utilisation commerciale|"
       r"no\s?comercial|não\s?comercial|niet-?commercieel|użycie niekomercyjne|некоммерч\w+|некомерц\w+|"
       r"非営利|非商业性|"
       r"非商業性|비영리|icke-?\s?kommersiell|ikke-?\s?kommersiel\w*|epäkaupallinen|neužívejte|μη εμπορική|ne add el|"
       r"gayriticari")  # fmt: skip
_SA = (r"share-?\s?alike|weitergabe unter gleichen|partage (?:dans les mêmes|à l['’ ]identique|des conditions)|"
       r"compartir\s?igual|condividi allo stesso|compartilha\s?igual|gelijk\s?delen|na tych samych|"
       r"с сохранением условий|"
       r"на тех же условиях|поширення на тих|継承|相同方式共享|相同方式分享|동일 ?조건|dela\s?lika|"
       r"del\s?på\s?(?:samme|like)|"
       r"jaa samoin|zachovejte licenci|παρόμοια διανομή|így add tovább|aynı lisansla")  # fmt: skip
_ND = (r"no-?\s?deriv\w+|keine\s?bearbeitung\w*|pas de modification|sin\s?(?:obras?\s?)?derivadas?|"
       r"non opere derivate|sem\s?deriva\w+|geen\s?afgeleide\w*|bez utworów zależnych|без производных|"
       r"改変禁止|禁止演绎|禁止改作|변경 ?금지|inga bearbetningar|ingen bearbejdelser?|nezasahujte")  # fmt: skip
_FEATURES = tuple((name, re.compile(words)) for name, words in (("by", _BY), ("nc", _NC), ("sa", _SA), ("nd", _ND)))
_PORTS = {"deutschland": "de", "germany": "de", "austria": "at", "österreich": "at", "france": "fr", "nederland": "nl",
          "netherlands": "nl", "united states": "us", "australia": "au", "españa": "es", "italia": "it",
          "polska": "pl", "brasil": "br", "japan": "jp", "switzerland": "ch", "schweiz": "ch"}  # fmt: skip

_CC_SHORT = re.compile(
    r"\bcc[\s:/-]{0,3}by(?P<rest>(?:[\s/+-]{1,3}(?:nc|sa|nd)\b){0,2})(?:[\s,(-]{0,3}v?(?P<version>[1-4]\.\d))?"
    r"(?:[\s-]{1,2}(?P<port>de|at|ch|fr|nl|us|au|igo)\b)?"
)
_CC_LONG = re.compile(r"\bcreative[\s-]{0,3}commons\b|クリエイティブ・?コモンズ|知识共享|創用 ?cc|크리에이티브 ?커먼즈")
_CC0 = re.compile(r"\bcc[\s-]?0\b|\bcc zero\b|public domain dedication")
_VERSION = re.compile(r"\b[1-4]\.\d\b")
_GNU = re.compile(
    r"(?:\bgnu[\s/]{0,3})?\b(?P<name>affero general public|lesser general public|library general public|general public|"
    r"free documentation|agpl|lgpl|gpl|gfdl|fdl)\b(?P<gap>[\s,(–-]*(?:licen[sc]e|lizenz)?[\s,(]*(?:gpl|lgpl|"
    r"fdl)?[\s,)]*)"
    r"(?:v(?:ersion\.?|er\.?|\.)?\s?)?(?P<version>[1-3](?:\.\d)?)?(?P<plus>\+)?(?![\w.])"
)
_GNU_NAMES = {
    "affero general public": "AGPL", "lesser general public": "LGPL", "library general public": "LGPL",
    "general public": "GPL", "free documentation": "GFDL", "fdl": "GFDL",
}  # fmt: skip
_LATER = re.compile(
    r"any (?:later|newer) version|or (?:later|newer)|oder (?:jeder )?später\w*|ou ultérieure|o posterior"
)
# Part of a name that is looked for first, the name, its id.
_OTHERS: tuple[tuple[str, str, str], ...] = (
    ("apache", r"apache(?: software)? licen[sc]e(?: ?,? ?\(?v(?:ersion)?\.? ?)? ?2(?:\.0)?\b|"
               r"apache-2\.0", "Apache-2.0"),
    ("mit", r"\bmit[ -]licen[sc]ed?\b|\bmit/x11\b|\bmit[ -]lizenz|\blicen[sc]e mit\b|\blicencia mit\b", "MIT"),
    ("bsd", r"zero[ -]clause bsd|\b0bsd\b", "0BSD"),
    ("bsd", r"(?:3|three|modified|new)[ -](?:clause[ -])?bsd|bsd[ -](?:3|three)[ -]clause", "BSD-3-Clause"),
    ("bsd", r"(?:2|two|simplified)[ -](?:clause[ -])?bsd|bsd[ -](?:2|two)[ -]clause|"
            r"freebsd documentation", "BSD-2-Clause"),
    ("bsd", r"\bbsd(?:[ -]style)? licen[sc]e", "LicenseRef-BSD"),
    ("mozilla", r"mozilla public licen[sc]e,? ?(?:v(?:ersion)?\.? ?)?2\.0", "MPL-2.0"),
    ("mozilla", r"mozilla public licen[sc]e,? ?(?:v(?:ersion)?\.? ?)?1\.1", "MPL-1.1"),
    ("mpl", r"\bmpl[ -]2\.0", "MPL-2.0"),
    ("boost", r"boost software licen[sc]e", "BSL-1.0"),
    ("software foundation lic", r"python software foundation licen[sc]e", "PSF-2.0"),
    ("psf", r"\bpsf licen[sc]e", "PSF-2.0"),
    ("isc", r"\bisc licen[sc]e", "ISC"),
    ("artistic", r"artistic licen[sc]e,? ?(?:v(?:ersion)?\.? ?)?2\.0", "Artistic-2.0"),
    ("eclipse", r"eclipse public licen[sc]e,? ?(?:- ?)?(?:v(?:ersion)?\.? ?)?2\.0", "EPL-2.0"),
    ("eclipse", r"eclipse public licen[sc]e,? ?(?:- ?)?(?:v(?:ersion)?\.? ?)?1\.0", "EPL-1.0"),
    ("government", r"open government licen[sc]e ?[-–] ?canada", "OGL-Canada-2.0"),
    ("government", r"open government licen[sc]e(?: v(?:ersion )?3(?:\.0)?)?(?! ?(?:v|[-–] ?canada))", "OGL-UK-3.0"),
    ("government", r"open government licen[sc]e v(?:ersion )?2(?:\.0)?", "OGL-UK-2.0"),
    ("government", r"open government licen[sc]e v(?:ersion )?1(?:\.0)?", "OGL-UK-1.0"),
    ("gouvernement", r"licence du gouvernement ouvert", "OGL-Canada-2.0"),
    ("ouverte", r"licence ouverte(?: ?/ ?open licen[sc]e)?", "etalab-2.0"),
    ("datenlizenz", r"datenlizenz deutschland[ –-]{1,3}namensnennung", "DL-DE-BY-2.0"),
    ("datenlizenz", r"datenlizenz deutschland[ –-]{1,3}zero", "DL-DE-ZERO-2.0"),
    ("open publication", r"open publication licen[sc]e", "OPUBL-1.0"),
    ("open database", r"open database licen[sc]e", "ODbL-1.0"),
    ("odbl", r"\bodbl\b", "ODbL-1.0"),
    ("libre", r"licence art libre", "LAL-1.3"),
    ("free art", r"free art licen[sc]e", "LAL-1.3"),
    ("open font", r"(?:sil )?open font licen[sc]e", "OFL-1.1"),
    ("european union", r"european union public licen[sc]e", "EUPL-1.2"),
    ("eupl", r"\beupl\b", "EUPL-1.2"),
    ("domain", r"(?:in|into|dans) (?:the |le )?(?:public domain|domaine public)\b", PUBLIC_DOMAIN),
    ("blico", r"(?:en|no|nel|al) (?:el )?(?:dominio público|domínio público|pubblico dominio)\b", PUBLIC_DOMAIN),
    ("gemeinfrei", r"\bgemeinfrei", PUBLIC_DOMAIN),
    ("パブリックドメイン", r"パブリックドメイン", PUBLIC_DOMAIN),
    ("公有领域", r"公有领域", PUBLIC_DOMAIN),
)  # fmt: skip
_OTHER = tuple((stem, re.compile(pattern), licence) for stem, pattern, licence in _OTHERS)
_RESERVING = tuple(dict.fromkeys(word.lower().replace("&nbsp;", " ") for word in RESERVED_WORDS))

# The words of a grant. A sentence that names a licence without one of them is about the licence.
GRANT = re.compile(
    r"(?:licen[sc]ed|re-?licen[sc]ed|released|published|available|distribut\w*|provided|offered|made|re-?used?|used|"
    r"cop(?:y|ied)|modif\w+|redistribut\w+|shared|covered|covered by|issued|placed|dedicated|contribut\w+) "
    r"(?:\w+ ){0,6}?(?:under|by|in|into|to|according)\b|(?:under|within) the (?:terms|conditions)|licen[sc]e ?:|"
    r"copying (?:policy|permission)|"
    r"(?:unter|steht|stehen|lizenziert|lizensiert|veröffentlicht)\b.{0,80}(?:lizenz|creative|cc|gpl|gfdl)|lizenz ?:|"
    r"sous (?:une? |la |les )?(?:licen[cs]e|contrat|termes)|selon les termes|licence ?:|(?:mis|mise) à disposition|"
    r"bajo (?:una? |la |los )?(?:licen|térm)|licenciad[oa]|licencia ?:|según los términos|"
    r"(?:sotto|con|secondo|nei) (?:una? |la |i )?(?:licenza|termini)|rilasciat\w+|distribuit\w+|licenza ?:|"
    r"(?:sob|nos) (?:uma? |a |os |licença)(?:licença|termos)?|licença ?:|"
    r"(?:onder|volgens) (?:een |de )?.{0,40}(?:licen|creative|gpl|cc)|gelicen[sc]|licentie ?:|na (?:licencji|"
    r"warunkach)|licencja ?:|"
    r"(?:под|по|на услов\w+) .{0,40}(?:лиценз|creative|gpl|cc)|лицензия ?:|на умовах|"
    r"ライセンス|の(?:もと|下)|许可|許可|授权|授權|协议|協議|라이선스|이용허락|lisans|lisens|licensierad|"
    r"licencován|pod licenc|"
    r"υπό|σύμφωνα|alatt|berlisensi|di bawah"
)
_SAY_RESERVED = re.compile(
    r"all rights (?:are )?reserved|alle rechte(?: sind)? vorbehalten|"
    r"tous (?:les )?droits(?: de [^.]{0,60})? réservés|todos los derechos (?:están )?reservados|"
    r"todos os d[ie]reitos reservados|tots els drets reservats|tutti i diritti (?:sono )?riservati|"
    r"toate drepturile(?: sunt)? rezervate|alle rechten (?:zijn )?voorbehouden|"
    r"alla rättigheter (?:förbehåll\w+|reserverade)|alle rettighe[dt]er (?:er )?(?:forbehold\w*|reserver\w+)|"
    r"kaikki oikeudet pidätetään|(?:wszelkie|wszystkie) prawa zastrzeżone|všechna práva vyhrazena|"
    r"všetky práva vyhradené|vse pravice pridržane|sva prava (?:su )?(?:pridržana|zadržana)|minden jog fenntartva|"
    r"(?:tüm|her) hak\w* saklıdır|επιφύλαξη παντός|(?:όλα|διατηρούνται) τα δικαιώματα|διατηρούνται όλα τα δικαιώματα|"
    r"все права (?:защищены|сохранены|охраняются)|(?:всі|усі) права (?:захищен|застережен|збережен)\w+|"
    r"всички права (?:са )?запазени|сва права (?:су )?задржана|visos teisės saugomos|"
    r"visas tiesības (?:aizsargātas|paturētas|rezervētas)|kõik õigused (?:kaitstud|reserveeritud)|"
    r"(?:禁)?無断転載|無断複製|版权所有|版權所有|保留(?:所有|一切)(?:权利|權利)|무단 ?전재|모든 권리 보유|"
    r"(?:جميع|كافة) الحقوق محفوظة|כל הזכויות שמורות|(?:تمامی|کلیه|تمام) حقوق.{0,60}محفوظ|सर्वाधिकार सुरक्षित|"
    r"(?:bảo lưu|giữ) (?:mọi|toàn) quyền|hak cipta dilindungi|สงวนลิขสิทธิ์"
)
SPDX_TAG = re.compile(r"SPDX-License-Identifier:[ \t]{0,4}([A-Za-z0-9.+() -]{1,160})", re.IGNORECASE)

# What a sentence is about, by its last such word before the licence. Prefixes of words in many languages.
_ABOUT: tuple[tuple[str, str], ...] = (
    ("image", r"images?\b|photo\w*|fotos?\b|pictures?|picture\b|illustrations?\b|bild(?:er|nachweis|quelle|"
              r"rechte|material)?\b|"
              r"\w{0,20}(?:bild|foto)\b|header-?image|graphics?\b|grafik\w*|cartoons?\b|screenshots?|logos?\b|"
              r"clip-?art|"
              r"imágen\w*|imagen\b|immagin\w+|imagem|imagens|afbeelding\w*|zdjęci\w+|изображени\w+|фото\w*|"
              r"写真|画像|图片|"
              r"圖片|사진|flickr|wikimedia commons|gallery|portrait\b|painting\b|credits? ?:|courtesy of|"
              r"map tiles|kartenkacheln|kamera ?:"),
    ("part", r"software|source code|quell(?:code|text)|(?:sample|example|this) code\b|examples? in the documentation|"
             r"examples\b|programs?\b|programm\w*|plugins?\b|themes?\b|templates?\b|design(?:ed)? by|vorlage|fonts?\b|"
             r"icons?\b|libraries|library|packages?\b|package\b|scripts?\b|javascript|map data|kartendaten|"
             r"openstreetmap|"
             r"data ?sets?\b|video\w*|music\b|musik\b|sounds?\b|audio\b|podcast\w*|typo3|drupal|"
             r"wordpress\b(?!\.)|powered|logiciel|"
             r"ソフトウェア|软件|программ\w*|this file\b|comments? by"),
    ("site", r"(?:web)?-?site\b|site'?s?\b|blogs?\b|wikis?\b|all (?:\w+ )?(?:content|text|material|article|post)s?|"
             r"website|webseite|internetseite|inhalte?\b|alle artikel|unsere texte|die texte|textuellen|contents?\b|"
             r"user contributions|contenus?\b|contenidos?\b|contenut\w+|conteúdos?\b|inhoud|treści|сайт\w*|материал\w*|"
             r"サイト|コンテンツ|本站|网站|網站|내용|사이트|portal\b|magazin\b"),
    ("page", r"this (?:\w+ ){0,2}(?:page|article|work|text|document|post|book|manual|entry|story|paper|translation|"
             r"documentation|material|publication|guide|faq|tutorial|howto)|diese[rs]? (?:\w+ ){0,2}(?:text|artikel|"
             r"beitrag|werk|seite|arbeit|buch|dokument|lexikon)|(?:ce|cette|cet) (?:\w+ ){0,2}(?:page|article|"
             r"œuvre|oeuvre|"
             r"texte|document|création)|est[ea] (?:\w+ ){0,2}(?:página|artículo|obra|texto|documento|artigo)|"
             r"quest[oa']+ ?"
             r"(?:\w+ ){0,2}(?:pagina|articolo|opera|testo|documento)|dit (?:werk|artikel)|deze (?:tekst|pagina)|"
             r"(?:ten|ta|niniejsz\w+) (?:utwór|artykuł|strona|tekst|książka)|эт(?:а|от|о) (?:\w+ )?(?:статья|"
             r"текст|страница|"
             r"произведение)|この(?:作品|記事|ページ|文書)|本(?:文|作品|文章|页|書|书|页面)|이 (?:저작물|문서|글)|"
             r"permission is granted|book\b|manual\b"),
)  # fmt: skip
_SUBJECT = re.compile("|".join(f"(?P<{scope}>{pattern})" for scope, pattern in _ABOUT))
_TOGETHER = re.compile(r"(?:\band|\bund|\bet|\by|\be|\ben|\bi|&|,) (?:\w+ ){0,2}$")
_IMAGE_AFTER = re.compile(r"^(?:[^.]|\.\d){0,60}?(?:via wikimedia|wikimedia commons|flickr|unsplash)")
_AUTHOR = re.compile(
    r"\b(?:by|von|par|por|di|van|door|af|av)\s+([^,.;:|()\[\]<>©\n]{2,80}?)\s+"
    r"(?:is|are|ist|steht|stehen|est|está|è|wird|is licensed)\b"
)
_SENTENCE_END, _PART_END = re.compile(r"[.!?|]\s+|[。！？]"), re.compile(r"[.!?|•·]\s+|[。！？]")


def names(text: str) -> list[Name]:
    """Licences that a lower-case text names, by place. What lies inside another is not named."""
    found = sorted({*_creative_commons(text), *_gnu(text), *_others(text)}, key=lambda n: (n.start, -n.end, n.licence))
    kept: list[Name] = []
    for name in found:
        if not kept or name.start >= kept[-1].end:
            kept.append(name)
    return kept


def _creative_commons(text: str) -> Iterator[Name]:
    if not any(stem in text for stem in ("cc", "creative", "domain", "クリエイティブ", "知识共享", "크리에이티브")):
        return
    for short in _CC_SHORT.finditer(text):
        elements = "-".join(["by", *(e for e in ("nc", "sa", "nd") if e in short["rest"])])
        licence = creative_commons(elements, short["version"], short["port"])
        if licence is not None:
            yield Name(licence, *short.span())
    for zero in _CC0.finditer(text):
        yield Name("CC0-1.0", *zero.span())
    for long in _CC_LONG.finditer(text):
        # Up to the next mention, and never far.
        following = _CC_LONG.search(text, long.end())
        end = min(long.end() + 160, following.start() if following else len(text))
        rest = text[long.end() : end]
        elements = "-".join(name for name, words in _FEATURES if words.search(rest))
        version = _VERSION.search(rest)
        port = next((code for name, code in _PORTS.items() if name in rest), None)
        licence = creative_commons(elements, version[0] if version else None, port) if elements else None
        bare = "licen" in rest[:40] or "lizenz" in rest[:40]
        if licence is not None or bare:
            yield Name(licence or "LicenseRef-CC", long.start(), long.end() + (version.end() if version else 0))


def _gnu(text: str) -> Iterator[Name]:
    if not any(stem in text for stem in ("gpl", "fdl", "general public", "free documentation")):
        return
    for found in _GNU.finditer(text):
        family = _GNU_NAMES.get(found["name"], found["name"].upper())
        later = found["plus"] is not None or _LATER.search(text, found.end(), found.end() + 120) is not None
        licence = gnu(family, found["version"], later=later)
        if licence is not None:
            yield Name(licence, *found.span())


def _others(text: str) -> Iterator[Name]:
    for stem, pattern, licence in _OTHER:
        if stem not in text:
            continue
        for found in pattern.finditer(text):
            yield Name(licence, *found.span())


def reserved(text: str) -> Name | None:
    """Where a lower-case text reserves all rights."""
    if not any(word in text for word in _RESERVING):
        return None
    found = _SAY_RESERVED.search(text)
    return Name(RESERVED, *found.span()) if found is not None else None


def grants(text: str) -> bool:
    """Whether a lower-case text around a licence's link grants it, or is nothing but a Creative Commons mark."""
    return GRANT.search(text) is not None or _CC_SHORT.match(text.strip(" .([")) is not None


def spdx_ids(text: str) -> list[str]:
    """Ids of an SPDX-License-Identifier tag; those of an expression one by one, exceptions left out."""
    found = SPDX_TAG.search(text)
    if found is None:
        return []
    parts = re.split(r"\s+(?:or|and)\s+|[()]", found[1], flags=re.IGNORECASE)
    return [i for i in (of_id(part.split(" ")[0]) for part in (p.strip() for p in parts) if part) if i is not None]


@lru_cache(maxsize=4096)
def subject(before: str, after: str = "") -> str | None:
    """What a statement is about (image, part, site, page) by the lower-case text before and after a licence's name.

    Where nothing is said before it, the next sentence counts: a button, then "This work is licensed ...".
    """
    if _IMAGE_AFTER.search(after[:120]) is not None:
        return "image"
    own = _SENTENCE_END.split(before)[-1][-240:]
    if len(own.split()) > 3:
        return _kind(own)
    return _kind(own) or _kind(next((part for part in _PART_END.split(after[:240]) if part.strip()), ""))


def _kind(sentence: str) -> str | None:
    found = list(_SUBJECT.finditer(sentence))
    kinds = [match.lastgroup for match in found]
    if "image" in kinds:
        # "the photos on this blog" are the photos; "texts and images" are more than images.
        alone = kinds[0] == "image" and _TOGETHER.search(sentence[: found[0].start()]) is None
        return "image" if alone else next((kind for kind in kinds if kind in ("site", "page")), None)
    return "page" if "page" in kinds else kinds[-1] if kinds else None


@lru_cache(maxsize=1024)
def author(text: str) -> str | None:
    """Who a statement says made the work: "X by Y is licensed under ..."."""
    found = _AUTHOR.search(text)
    by = " ".join(found[1].split()) if found is not None else ""
    # "von uns verfasste Inhalte" names nobody.
    return by if by and not by[0].islower() else None
