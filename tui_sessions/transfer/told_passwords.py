"""What passwords and keys look like where they are told in a sentence, a list or a command."""

from __future__ import annotations

import re

# Its first letter stands apart: a set of letters is what is looked for fastest.
_NAME = (
    r"[PpKkCcMmSsWwHhПп密パ비](?:(?<=[Pp])(?i:ass(?:word|wort|code|phrase|wd)|wd)"
    r"|(?<=[Kk])(?i:ennwort)|(?<=[Cc])(?i:ontrase[ñn]a)|(?<=[Mm])(?i:ot de passe)"
    r"|(?<=[Ss])(?i:enha)|(?<=[Ww])(?i:achtwoord)|(?<=[Hh])(?i:as[łl]o)|(?<=[Пп])(?i:ароль)"
    r"|(?<=密)[码碼]|(?<=パ)スワード|(?<=비)밀번호|(?<![A-Za-z]p)(?<![A-Za-z]P)(?<=[Pp])[Ww])"
)
HINTS = (
    *("passw", "passcode", "passphrase", "pwd", "pw:", "pw ", "kennwort", "contrase"),
    *("mot de passe", "senha", "wachtwoord", "hasło", "haslo", "пароль", "密码", "密碼"),
    *("パスワード", "비밀번호"),
)
"""In lower case; a text without any of these tells no password."""
KEY_HINTS = ("key is", "key:", "key for", "secret is", "secret for", "token is", "token for")

_MARKS = r"[*_`\"']{0,3}"
_OF_WHAT = r"(?:\s(?:for|of|on|to|für|von|zu)(?:\s(?!is\b)[\w.@-]{1,40}){1,3}?)?"
_IS = (
    r"(?:['’]s\s|(?i:\s{1,3}(?:is|was|will\sbe|to|ist|war|lautet|auf|est|es|é|jest|is:)"
    r"(?:\s(?:now|still|again|just|jetzt|nun))?\s{1,3})|\s?(?:是|为|為|は|が|は、)\s?)"
)
_GIVES = r"[ \t]{0,3}(?:[:：=→|]|=>|->){1,2}[*_]{0,3}[ \t]{0,3}(?:\r?\n[ \t]{0,8})?"

# Names of what passwords are made with and kept in, and words that stand for a value.
_OTHERWISE = (
    r"(?!(?i:sha-?\d|md[45]|base\d\d|bcrypt|scrypt|argon2|pbkdf2|aes|rsa|utf-?\d|oauth|[23]fa|v\d"
    r"|x509|1password|ntlm|rfc|https?:|\d+-|str\b|string|optional|none|null|user|line\d|step\d)"
    r"|[\w.]+[(\[])"
)
_LETTER = r"[!#$%&*+\-./0-9:=?@A-Z^_a-zÀ-ÿ~]"
_END = r"(?<![.:])(?![A-Za-z0-9_(\[{<=\"-])"
# Of letters with digits or signs among them, as no word is.
_RANDOM = (
    rf"{_OTHERWISE}(?=[^\s\d]{{0,64}}\d|[^\s]{{0,64}}[A-Za-zÀ-ÿ][!@#$%^&*+~])"
    rf"(?=[^\sA-Za-zÀ-ÿ]{{0,64}}[A-Za-zÀ-ÿ])(?![$%<{{&]){_LETTER}{{4,64}}"
)
_NUMBER = r"\d{4,20}(?=[.!,;]?(?:\s*\Z|\r?\n))"
_WORD_END = r"(?=[.!,;]?[ \t]{0,3}(?:\Z|\r?\n|\\n|(?:and|und|but|aber)\b))"
_PLAIN_WORD = (
    r"(?i:(?!(?:not|no|too|so|the|a|an|in|at|on|required|correct|incorrect|wrong|right|valid"
    r"|invalid|empty|missing|weak|strong|long|short|safe|fine|okay|here|there|below|above|same|different"
    r"|unknown|secret|public|private|blank|lost|gone|visible|secure|insecure|unique|sensitive|case"
    r"|falsch|richtig|leer|sicher|unsicher|weg|neu|alt|gleich|abgelaufen|vergessen|anders"
    r"|true|false|null|none|undefined|string|text|varchar|char|bytes|integer|number|object|any|yes"
    r"|optional|hidden|masked|default|value|example|self|sent|kept|lang|kurz|faux|incorrecta?)\b"
    r"|\w{0,30}(?:pass|pwd|secret|hash|user|input|field|token|data|config|value|string)"
    r"|\w{1,30}(?:ed|ing|able|ible|ly|less)\b)[A-Za-zÀ-ÿ]{4,40})"
)

SAID = (
    rf"{_NAME}{_MARKS}(?:{_OF_WHAT}{_IS}|{_GIVES}|[ \t](?=[^\s]{{0,64}}\d)){_MARKS}"
    rf"(?P<secret>{_RANDOM}{_END}|{_NUMBER})"
)
"""`the password for the server is hunter2`, `Password: hunter2`, `password hunter2`."""
SAID_IN_QUOTES = (
    rf"{_NAME}{_OF_WHAT}(?:{_IS}[\"“„'‘`]|\s{{1,2}}`)"
    r"(?P<secret>[^\"“”'’`\n]{4,64})[\"“”'’`]"
)
SAID_AS_WORD = rf"{_NAME}{_OF_WHAT}{_IS}(?P<secret>{_PLAIN_WORD}){_WORD_END}"
"""`my password is swordfish`."""
OWN = re.compile(r"(?i:\b(?:my|our|mein|unser|mon|mi)\s(?:[\w-]{1,20}\s){0,2}\Z)")
"""What stands before a password that may be a word: as much else is said of passwords."""
LISTED_AS_WORD = (
    rf"{_NAME}{_MARKS}[ \t]{{0,3}}[:：→|][*_]{{0,3}}[ \t]{{0,3}}{_MARKS}"
    rf"(?P<secret>{_PLAIN_WORD})(?=[ \t]{{0,3}}(?:\Z|\r?\n|\\n))"
)
"""`Password: swordfish`, and nothing after it."""
IN_SHELL = (
    r"(?:PASSW(?:OR)?D=|\bsshpass\s{1,3}-p\s{0,3}|\bmysql(?:dump|admin)?\b[^\n]{0,200}?\s-p)[\"']?"
    r"(?P<secret>(?![$<{(])[^\s\"';&|()<>]{4,256})(?![(\[<])"
)
"""`PGPASSWORD=hunter psql`, and programs that are given one."""
IN_CONNECTION = (
    r"(?i:;\s{0,3}(?:password|pwd)\s{0,2}=\s{0,2})"
    r"(?P<secret>(?![$<{])[^;\"'\s]{3,256})(?=[;\"'\s]|\Z)"
)
"""`Server=db;User Id=sa;Password=hunter;`."""
SAID_KEY = (
    r"[AaSsPpTt](?:(?:(?<=[Aa])(?i:pi|ccess|uth)|(?<=[Ss])(?i:ecret)|(?<=[Pp])(?i:rivate))[ _-]?"
    r"(?i:key)|(?<=[Ss])(?i:ecret)|(?<=[Tt])(?i:oken))"
    rf"(?:\sfor(?:\s[\w.-]{{1,30}}){{1,2}}?)?{_IS}[`\"']?"
    r"(?P<secret>(?=[\w+/-]{0,64}\d)(?=[\w+/-]{0,64}[a-z])[\w+/-]{12,512}={0,2})(?![\w(.\[])"
)
"""`my API key is 0a1b2c3d4e5f6a7b`."""
KEY_IN_ENVIRONMENT = (
    r"(?<![A-Za-z0-9])[A-Z][A-Z0-9_]{1,40}_KEY[\"']?\s{0,3}[:=]\s{0,3}[\"']?"
    r"(?P<secret>(?=[\w+/-]{0,64}\d)(?=[\w+/-]{0,64}[A-Za-z])[\w+/-]{24,512}={0,2})(?![\w(.\[])"
)
"""`AZURE_OPENAI_KEY=0a1b…`."""
