"""What secrets and private details look like."""

from __future__ import annotations

import re

_NAME = r"\w(?:[\w.+@$-]{0,62}\w)?"
_ENDINGS = "png|jpe?g|gif|svg|webp|avif|service|socket|timer|target"
KEYS = (
    ("sk-", r"(?:ant-[\w-]{6,}|(?=[a-z_-]{0,40}[0-9A-Z])[\w-]{12,}|[a-z]{20,})"),
    ("sk_live_", r"\w{8,}"),
    ("sk_test_", r"\w{8,}"),
    ("rk_live_", r"\w{8,}"),
    ("AIza", r"[\w-]{30,}"),
    ("whsec_", r"[A-Za-z0-9+/=]{16,}"),
    ("GOCSPX-", r"[\w-]{20,}"),
    ("nvapi-", r"[\w-]{20,}"),
    ("csk-", r"[A-Za-z0-9]{20,}"),
    ("fw_", r"(?=[A-Za-z]*\d)[A-Za-z0-9]{20,}"),
    ("r8_", r"[A-Za-z0-9]{30,}"),
    ("pcsk_", r"\w{20,}"),
    ("tvly-", r"[A-Za-z0-9-]{16,}"),
    ("e2b_", r"[0-9a-f]{32,}"),
    ("lsv2_", r"(?:pt|sk)_[0-9a-f_]{20,}"),
    ("dapi", r"[0-9a-f]{32}"),
    ("lin_api_", r"[A-Za-z0-9]{20,}"),
    ("ntn_", r"[A-Za-z0-9]{30,}"),
    ("figd_", r"[\w-]{20,}"),
    ("SG.", r"[\w-]{16,}\.[\w-]{16,}"),
    ("key-", r"[0-9a-f]{32}(?![0-9a-f])"),
    ("PMAK-", r"[0-9a-f]{20,}-[0-9a-f]{20,}"),
    ("NRAK-", r"[A-Z0-9a-z]{20,}"),
    ("AGE-SECRET-KEY-1", r"[A-Z0-9]{50,}"),
    ("gsk_", r"[A-Za-z0-9]{20,}"),
    ("xai-", r"[A-Za-z0-9]{20,}"),
    ("pplx-", r"[A-Za-z0-9]{20,}"),
    ("AKIA", r"[A-Z0-9]{16,}"),
    ("ASIA", r"[A-Z0-9]{16}(?![A-Za-z0-9])"),
)
TOKENS = (
    *((f"gh{kind}_", r"[A-Za-z0-9]{16,}") for kind in "pousr"),
    ("github_pat_", r"\w{16,}"),
    ("glpat-", r"[\w-]{16,}"),
    *((f"xox{kind}-", r"[A-Za-z0-9-]{8,}") for kind in "abcdeoprs"),
    ("xapp-", r"[A-Za-z0-9-]{8,}"),
    ("ya29.", r"[\w-]{20,}"),
    ("1//0", r"[\w-]{30,}"),
    ("dop_v1_", r"[0-9a-f]{32,}"),
    ("dp.pt.", r"[A-Za-z0-9]{30,}"),
    ("hvs.", r"[\w-]{20,}"),
    ("sbp_", r"[0-9a-f]{32,}"),
    ("sb_secret_", r"[\w-]{20,}"),
    ("shpat_", r"[0-9a-f]{32}"),
    ("ATATT3x", r"[\w=-]{30,}"),
    ("tskey-", r"[a-z]{2,12}-[\w-]{16,}"),
    ("glsa_", r"\w{20,}"),
    ("sntrys_", r"[\w+/=-]{20,}"),
    ("https://hooks.slack.com/services/", r"[A-Za-z0-9/]{16,}"),
    ("https://discord.com/api/webhooks/", r"\d{8,}/[\w-]{16,}"),
    ("hf_", r"[A-Za-z0-9]{20,}"),
    ("npm_", r"[A-Za-z0-9]{30,}"),
    ("pypi-Ag", r"[\w-]{30,}"),
    ("eyJ", r"(?:[\w-]{4,4096}+\.){2}[\w-]*(?:\.[\w-]+){0,2}"),
)

# A key whose end is missing is taken as far as it looks like one.
PRIVATE_KEY = (
    r"-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:[^-]*+(?:-(?!----(?:BEGIN|END))[^-]*+)*+-----END [A-Z0-9 ]{0,60}-----"
    r"|(?:[A-Za-z0-9+/=\s]|\\[nr])*+)"
)
URL_LOGIN = (
    r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s/:\"'<>]{0,256}:"
    r"(?!\d{1,5}[?#])(?P<secret>[^\s/\"'<>]{1,512})@"
)
AUTHORIZATION = (
    r"(?i:authorization[\"'\\]{0,3}\s{0,4}[:=]\s{0,4}[\"'\\]{0,3}(?:(?:bearer|basic|token)\s{1,4})?"
    r"|\bbearer(?:\s{1,4}|%20|\+)(?=[\w.~+/-]*\d|[\w.~+/-]{16}))"
    r"(?P<secret>(?!(?i:bearer|basic|token)\b)[\w.~+/-]{6,}=*)"
)
MAIL = (
    r"(?<![\w.%+-])(?!REDACTED-|git@)[\w.%+-]{1,64}+@(?:[\w-]{1,63}\.){1,8}"
    rf"(?!(?:{_ENDINGS})\b)[^\W\d_]{{2,24}}(?![\w-])"
)
HOME_PATH = (
    rf"(?:(?<![\w.~-])(?:/var)?/home/+{_NAME}"
    rf"|(?:(?<![\w.~-])|(?<=/mnt/[a-z]))/Users/+(?!Shared\b){_NAME}"
    r"|(?<![A-Za-z0-9])[A-Za-z]:[\\/]{1,4}(?i:Users)[\\/]{1,4}(?!(?:Public|Default)\b)"
    r"(?:[^\\/:*?\"<>|\s]{1,64}(?: [^\\/:*?\"<>|\s]{1,64}){0,2}(?=[\\/])|"
    rf"{_NAME})"
    # Folders that other programs name after a path: `-home-ana-project`.
    r"|(?<![\w-])(?:[A-Za-z]-)?-(?:home|Users)-[^\W_]+"
    rf"|(?<![\w.~/-])/(?:[A-Za-z]|System/Volumes/Data)/Users/+(?!Shared\b){_NAME}"
    rf"|(?<![\w\\])\\{{2,4}}[\w.-]{{1,64}}\\{{1,2}}(?i:Users)\\{{1,2}}{_NAME})"
)
BOT_LOGIN = r"(?<!\w)\d{8,10}:AA[\w-]{32,34}(?![\w-])"
COOKIE = (
    r"(?i:cookie)[\"'\\]{0,3}\s{0,4}[:=]\s{0,4}[\"'\\]{0,3}"
    r"(?P<secret>[\w.!#$%&*+^|~-]{1,64}=[^\s\"'\\][^\r\n\"'\\]{5,4096})"
)
# What a URL is asked with: names that are always secret, and short ones before what looks random.
IN_URL = (
    r"(?<=[?&#;])(?:(?i:(?:(?:access|refresh|id|auth|session|bearer)_?token|api_?key|client_?secret"
    r"|secret|password|x-amz-(?:signature|security-token|credential)|x-goog-signature)=)"
    r"|(?i:token|key|sig|signature|auth|code)=(?=[\w.~%+/-]{0,64}\d)(?=[\w.~%+/-]{16}))"
    r"(?P<secret>[\w.~%+/=-]{8,4096})"
)
# A login of curl's, on one line with it.
CURL_LOGIN = (
    r"\bcurl\b[^\n]{0,400}?\s(?:-u|--user)[ =][\"']?[^\s:\"']{1,128}:(?P<secret>[^\s\"']{4,256})"
)
NAMES_OF_SECRETS = ("passw", "passphrase", "pwd", "secret", "token", "key", "credential")
"""In lower case; what is called so is looked at closely."""
NAME_OF_SECRET = re.compile(
    r"(?i:(?:secret|private|access|api|account|auth|encryption|signing|service|master)[_-]?"
    r"(?:access[_-]?)?key(?:[_-]base)?|password|passwd|passphrase|pwd|secret|token|credential)"
    r"[\"'\\]{0,3}\s{0,4}\Z"
)
"""A name that ends where a value is given to it."""
LONGEST_NAME = 48
# A value of letters and digits, which is no call, no index and no attribute of something.
_VALUE = (
    r"[\"'\\]{0,3}(?P<secret>(?=[\w+/~!@%^&*-]{0,256}\d)(?=[\w+/~!@%^&*-]{0,256}[A-Za-z])"
    r"[\w+/~!@%^&*-]{8,4096}+={0,2})(?![\w(.\[])"
)
NAMED = rf"(?::=|[:=]>?)\s{{0,4}}{_VALUE}"
# Between quotes it may be of anything: only what stands for a value is none.
QUOTED = (
    r"(?::=|[:=]>?)\s{0,4}(?P<quote>\\{0,2}[\"'])(?![${<]|%\()"
    r"(?P<secret>(?=[^\s\"'\\]{0,256}[\d@#$%^&*~]|[A-Za-z]{20})[^\s\"'\\]{6,256})(?P=quote)"
)
PASSWORD_KEY = re.compile(r"(?i:password|passwd|passphrase)\Z")
"""A key of a value that is a password, whatever it looks like."""
OPTION = rf"--(?:password|token|secret|api-key|access-key)\s{_VALUE}"
