"""Sentences about licences in many languages."""

import pytest

from headwater.rights.licences import find
from headwater.rights.spdx import RESERVED

GRANTS = {
    "en": ("This work is licensed under a Creative Commons Attribution-ShareAlike 4.0 License", "CC-BY-SA-4.0"),
    "de": ("Dieser Text steht unter der Creative Commons Namensnennung - Keine Bearbeitung 3.0 Deutschland Lizenz",
           "CC-BY-ND-3.0-DE"),
    "fr": ("Cette œuvre est mise à disposition sous licence Creative Commons Attribution - Pas d'Utilisation "
           "Commerciale 4.0 International", "CC-BY-NC-4.0"),
    "es": ("Esta obra está bajo una licencia de Creative Commons Reconocimiento-CompartirIgual 4.0 Internacional",
           "CC-BY-SA-4.0"),
    "it": ("Quest'opera è distribuita con Licenza Creative Commons Attribuzione - Condividi allo stesso modo 4.0",
           "CC-BY-SA-4.0"),
    "pt": ("Este obra está licenciado sob uma Licença Creative Commons Atribuição-NãoComercial 4.0", "CC-BY-NC-4.0"),
    "nl": ("Dit werk valt onder een Creative Commons Naamsvermelding-GelijkDelen 4.0-licentie", "CC-BY-SA-4.0"),
    "pl": ("Ten utwór jest dostępny na licencji Creative Commons Uznanie autorstwa-Na tych samych warunkach 4.0",
           "CC-BY-SA-4.0"),
    "ru": ("Это произведение доступно по лицензии Creative Commons «Attribution-ShareAlike» 4.0", "CC-BY-SA-4.0"),
    "nb": ("Denne boken er lisensiert under en Creative Commons Navngivelse-DelPåSammeVilkår 3.0 Unported-lisens",
           "CC-BY-SA-3.0"),
    "ja": ("この作品はクリエイティブ・コモンズ 表示 - 継承 4.0 国際 ライセンスの下に提供されています", "CC-BY-SA-4.0"),
    "zh": ("本作品采用知识共享署名-非商业性使用 4.0 国际许可协议进行许可", "CC-BY-NC-4.0"),
    "ko": ("이 저작물은 크리에이티브 커먼즈 저작자표시-비영리 4.0 국제 라이선스에 따릅니다", "CC-BY-NC-4.0"),
    "gnu": ("This manual may be copied under the terms of the GNU General Public License, version 2 or any later"
            " version",
            "GPL-2.0-or-later"),
    "fdl": ("Permission is granted to copy this document under the terms of the GNU Free Documentation License, "
            "Version 1.2", "GFDL-1.2-only"),
    "ogl": ("All content is available under the Open Government Licence v3.0, except where otherwise stated",
            "OGL-UK-3.0"),
    "bsl": ("Distributed under the Boost Software License, Version 1.0.", "BSL-1.0"),
    "short": ("Text released under CC-BY-NC-SA 2.5", "CC-BY-NC-SA-2.5"),
    "no version": ("Licensed under CC BY", "LicenseRef-CC-BY"),
}  # fmt: skip
RESERVING = {
    "en": "All rights reserved.", "EN": "ALL RIGHTS RESERVED", "de": "Alle Rechte vorbehalten",
    "fr": "Tous droits réservés", "FR": "TOUS DROITS RÉSERVÉS", "fr &": "Tous droits r&eacute;serv&eacute;s",
    "es": "Todos los derechos reservados", "it": "Tutti i diritti riservati", "pt": "Todos os direitos reservados",
    "nl": "Alle rechten voorbehouden", "pl": "Wszelkie prawa zastrzeżone", "ru": "Все права защищены",
    "uk": "Усі права захищено", "sv": "Alla rättigheter förbehållna", "da": "Alle rettigheder forbeholdes",
    "no": "Alle rettigheter forbeholdt", "fi": "Kaikki oikeudet pidätetään", "cs": "Všechna práva vyhrazena",
    "sk": "Všetky práva vyhradené", "hu": "Minden jog fenntartva", "ro": "Toate drepturile rezervate",
    "tr": "Tüm hakları saklıdır", "el": "Με επιφύλαξη παντός δικαιώματος", "ja": "無断転載を禁じます",
    "zh": "版权所有", "zh-tw": "版權所有", "zh 2": "保留所有权利", "ko": "무단전재 및 재배포 금지",
    "ar": "جميع الحقوق محفوظة", "he": "כל הזכויות שמורות", "hi": "सर्वाधिकार सुरक्षित", "id": "Hak cipta dilindungi",
    "ca": "Tots els drets reservats", "hr": "Sva prava pridržana", "nbsp": "All&nbsp;rights&nbsp;reserved",
    "vi": "Giữ toàn quyền", "th": "สงวนลิขสิทธิ์", "bg": "Всички права запазени", "sl": "Vse pravice pridržane",
}  # fmt: skip


DENIALS = {
    "en": "This work is not licensed under X.", "no longer": "This site is no longer licensed under a X license.",
    "isn't": "This work isn't available under X.", "unless": "You may not copy this unless it is licensed under X.",
    "otherwise": "All rights stay ours unless otherwise licensed under X.", "neither": "It was never released under X",
    "de": "Dieses Werk steht nicht unter X", "de 2": "Dieser Text ist nicht mehr unter X lizenziert",
    "de 3": "Kein Kopieren, es sei denn, ein Text ist unter X lizenziert",
    "fr": "Cette œuvre n'est pas publiée sous licence X", "fr 2": "Cette œuvre n'est plus sous licence X",
    "es": "Esta obra no está bajo una licencia X", "it": "Quest'opera non è più distribuita con licenza X",
    "pt": "Esta obra não está licenciada sob X", "nl": "Dit werk is niet gelicentieerd onder X",
    "pl": "Ten utwór nie jest dostępny na licencji X", "ru": "Это произведение не распространяется под лицензией X",
    "nb": "Denne boken er ikke lisensiert under X", "sv": "Verket är inte längre licensierat under X",
    "zh": "本作品不采用 X 许可协议", "ja": "この作品は X ライセンスの下に提供されていません",
    "ko": "이 저작물은 X 라이선스에 따르지 않습니다",
}  # fmt: skip
# These have words of denial and deny nothing.
NO_DENIALS = {
    "unless": "Unless otherwise noted, this work is licensed under X.",
    "stated": "Unless stated otherwise all content is licensed under X",
    "only": "This work is not only available under X",
    "but": "This work is not licensed under the GPL but is licensed under X",
    "after": "Licensed under X, not under GPL",
    "except": "This text may not be copied except under X", "before": "We do not sell. This text is licensed under X",
    "de": "Sofern nicht anders angegeben, steht dieser Text unter X",
    "fr": "Sauf mention contraire, cette œuvre est sous licence X",
    "es": "A menos que se indique lo contrario, esta obra está bajo licencia X",
    "it": "Salvo dove non diversamente indicato, quest'opera è distribuita con licenza X",
    "nl": "Tenzij anders vermeld valt dit werk onder X",
    "ru": "Если не указано иное, это произведение доступно по лицензии X",
    "zh": "除非另有说明，本作品采用 X 许可协议",
}  # fmt: skip
WAYS = {
    "phrase": "CC BY-SA 4.0",
    "link": '<a href="https://creativecommons.org/licenses/by-sa/4.0/">CC BY-SA 4.0</a>',
    "rel": '<a rel="license" href="https://creativecommons.org/licenses/by-sa/4.0/">CC BY-SA 4.0</a>',
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("language", DENIALS)
def test_a_sentence_that_denies_a_licence_licenses_nothing(language, way):
    assert find(f"<html><body><p>{DENIALS[language].replace('X', WAYS[way])}</p></body></html>", "") == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("language", NO_DENIALS)
def test_a_denial_of_something_else_takes_nothing_away(language, way):
    found = find(f"<html><body><p>{NO_DENIALS[language].replace('X', WAYS[way])}</p></body></html>", "")
    assert ("CC-BY-SA-4.0", True) in {(e.licence, e.scope in ("page", "site")) for e in found}


def test_the_text_of_a_link_can_deny_its_licence():
    link = '<a href="https://creativecommons.org/licenses/by/4.0/">This work is not licensed under CC BY 4.0</a>'
    assert find(f"<html><body><p>{link}</p></body></html>", "") == []


@pytest.mark.parametrize("language", GRANTS)
def test_a_sentence_that_grants_a_licence_is_evidence(language):
    sentence, licence = GRANTS[language]
    found = find(f"<html><body><p>{sentence}</p></body></html>", "")
    assert [(e.licence, e.source, e.place) for e in found] == [(licence, "phrase", "body")]


@pytest.mark.parametrize("language", RESERVING)
def test_a_footer_that_reserves_all_rights_is_evidence(language):
    found = find(f"<body><p>x</p><footer><p>© 2020 Ann. {RESERVING[language]}</p></footer></body>", "")
    assert [(e.licence, e.source, e.place, e.scope) for e in found] == [(RESERVED, "phrase", "footer", "site")]


def test_what_powers_a_page_does_not_hold_the_rights_in_it():
    found = find("<footer>Powered by WordPress. Content is licensed under CC BY 4.0</footer>", "")
    assert [(e.licence, e.scope) for e in found] == [("CC-BY-4.0", "site")]
