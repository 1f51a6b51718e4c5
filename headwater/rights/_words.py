"""Words that a licence mark cannot be without, in lower case: pages without any of them are not looked at further.

Names of licences and the ways to mark one, not the word `license` itself, which is in the menus of half of the web. Six
bytes at least each; only ASCII letters match in either case, so that a word with other capitals is here twice.
"""

MARKS = (
    '"license', '"licence', "'license", "'licence", "=license", "=licence", ' license"', " license'", ":license",
    ".license", ":licence", "/license", "/licence", "spdx-license-identifier", "government-licen", "unlicense",
)  # fmt: skip
NAMES = (
    "apache licen", "apache software licen", "mit licen", "mit-licen", "mit/x11", "license mit", "licencia mit",
    "mit-lizenz", "clause bsd", "bsd licen", "bsd-licen", "bsd-style", "new bsd", "modified bsd", "simplified bsd",
    "mozilla public", "mpl 2.0", "mpl-2.0", "boost software", "software foundation licen", "psf licen", "isc licen",
    "artistic licen", "eclipse public", "open government", "gouvernement ouvert", "licence ouverte", "datenlizenz",
    "open publication", "open database", " odbl ", "licence art libre", "free art licen", "open font", "public licence",
    "european union public", "general public", "free documentation", "gnu gpl", "gnu/gpl", "gnu fdl", "gnu lgpl",
    "gnu agpl", " gplv2", " gplv3", "the gpl", "der gpl", "gpl-2.", "gpl-3.", "gpl 2.", "gpl 3.", "gpl licen",
    "lizenz gpl", "gfdl 1", "the gfdl", "der gfdl", "gfdl-1", "copyleft", "eupl-1", "eupl v", "freebsd documentation",
)  # fmt: skip
CREATIVE_COMMONS = (
    "creativecommons", "creative commons", "creative-commons", "creative&nbsp;commons", " cc by", ">cc by", "(cc by",
    "クリエイティブ", "知识共享", "創用 cc", "크리에이티브", "[cc by", "/cc by", " cc-by", ">cc-by", "(cc-by",
    "[cc-by", '"cc-by', "cc-by-", ":cc-by", " cc0 1", ">cc0 1",
)  # fmt: skip
PUBLIC_DOMAIN = (
    "public domain", "publicdomain", "gemeinfrei", "domaine public", "dominio público", "domínio público",
    "pubblico dominio", "パブリックドメイン", "公有领域",
)  # fmt: skip
METADATA = (
    "dc.rights", "dc:rights", "terms.rights", "terms:rights", '"rights"', "'rights'", "name=rights",
    'name="copyright"', "name='copyright'", "name=copyright", "copyrightnotice",
)  # fmt: skip
ADDRESSES = (
    "mozilla.org/mpl", "mozilla.org/en-us/mpl", "opencontent.org", "cdla.dev/", "eupl.eu", "artlibre.org",
    "wtfpl.net", "/wtfpl",
    "epl-v10", "epl-2.0", "epl-v20", "rightsstatements.org", "norge.no/nlod", "/dl-de/", "gov.it/iodl", "sil.org/ofl",
)  # fmt: skip
RESERVED = (
    "rights reserved", "rights&nbsp;reserved", "rights are reserved", "vorbehalten", "oits réservés", "oits rÉservÉs",
    "oits r&eacute;serv", "chos reservados", "itos reservados", "rets reservats", "itti riservati", "itti sono riserv",
    "turile rezervate", "voorbehouden", "rättigheter", "forbehold", "pidätetään", "zastrzeżone", "zastrzeŻone",
    "vyhrazen", "vyhraden", "pridržan", "zadržan", "fenntartva", "saklıdır", "παντός", "δικαιώματα", "права защищ",
    "права сохран", "права охран", "ПРАВА ЗАЩИЩ", "права захищ", "права застереж", "права збереж", "права запаз",
    "права задрж", "teisės saugomos", "tiesības", "õigused", "無断転載", "無断複製", "版权所有", "版權所有", "保留所有",
    "保留一切", "무단전재", "무단 전재", "권리 보유", "جميع الحقوق", "كافة الحقوق", "חויות שמורות",
    "זכויות שמורות", "محفوظ",
    "सर्वाधिकार", "mọi quyền", "toàn quyền", "hak cipta", "สงวนลิขสิทธิ์",
)  # fmt: skip
WORDS = (*MARKS, *NAMES, *CREATIVE_COMMONS, *PUBLIC_DOMAIN, *METADATA, *ADDRESSES, *RESERVED)
