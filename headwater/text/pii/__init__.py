"""Personal data that has a form of its own: e-mail addresses, telephone numbers, IP addresses, card numbers, IBANs."""

KINDS = ("email", "phone", "ip", "card", "iban")
EMAIL, PHONE, IP, CARD, IBAN = range(len(KINDS))
