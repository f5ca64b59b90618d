"""Names in ZIP archives, which are bytes: the archive says at most that they are UTF-8."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate

_CHINESE = (
    "的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天"
    "而能好都然没日于起还发成事只作当想看文无开手用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与"
    "高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很新什打便位因重被走电四第门相次东政海"
    "口教西再平真听世气信北少关并内加化由先山五太水万市南照片图像册夹旧爷奶爸妈父母祖婚礼春夏秋冬花村城校影旅游京州"
)
_TRADITIONAL = (
    "的一是不了在人有我他這中大來上個國到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可裡後小麼心多天"
    "而能好都然沒日於起還發成事只作當想看文無開手用主行方又如前所本見經頭面公同三已老從動兩長知民樣現分將外但身些與"
    "高意進把法此實回二理美點月明其種聲全工己話兒者向情部正名定女問力機給等幾很新什打便位因重被走電四第門相次東政海"
    "口教西再平真聽世氣信北少關並內加化由先山五太水萬市南照片圖像冊夾舊爺奶爸媽父母祖婚禮春夏秋冬花村城校影旅遊臺灣港雄"
)
_JAPANESE = (
    "日年大人一国本中会出月時分行生見上間者前自事学社二三田山東京都写真集家族旅海川花春夏秋冬新古父母祖子女男校町村市"
    "県駅祭記念名画像水木金土火正四五六七八九十百千万北南西小高長白黒表紙裏結婚式友昔思店街風景犬猫車鳥夜朝運動遠足"
)
_KOREAN = (
    "이다는의가을에고하지로도기사서한인은리를자시대어나해아일그정수전들부주여제상보장으만원라있게성과구면니선무모회조비"
    "경동신스공우분세관국소년실요개미방중진내재법연용물행생학유마오트안영문화위교반군발결단저남당강산드음월님집청호식계"
    "때목작람치할각술통체설형길천포민간입건름프와양족명말처거절북카박최임송권홍백봄름겨울바엄빠머버옛친구혼새폴더복본"
)
_KANA = "".join(map(chr, (*range(0x3041, 0x3097), *range(0x30A1, 0x30FD))))

_ASIAN = {
    "cp932": (_JAPANESE + _KANA, (0x88, 0x97), 0x40),
    "gbk": (_CHINESE, (0xB0, 0xD7), 0xA1),
    "cp950": (_TRADITIONAL, (0xA4, 0xC6), 0x40),
    "cp949": (_KOREAN, (0xB0, 0xC8), 0xA1),
}
"""Code pages with letters of two bytes: frequent letters; the first and last leading byte of ordinary ones, which the
standards keep apart from rare ones; and the lowest byte that follows."""
_WESTERN = "äöüßéèàçñáíóúêåøæôîûëãõ"
_LETTERS = {
    "cp866": ("[А-Яа-яЁёЄєЇї]", "оеаинтс"),
    "cp1251": ("[А-Яа-яЁёЄєЇїІі]", "оеаинтс"),
    "cp437": ("[A-Za-zÀ-ÿ]", _WESTERN),
    "cp850": ("[A-Za-zÀ-ÿ]", _WESTERN),
    "cp1252": ("[A-Za-zÀ-ÿ]", _WESTERN),
    "cp852": ("[A-Za-zÀ-ž]", "áéíóúýąęłśżźćńčěřšžůőűöü"),
    "cp857": ("[A-Za-zÀ-ÿĞğİıŞş]", "ıüöşçğ"),
    "cp737": ("[Ά-ώ]", ""),  # nearly every Russian name might be Greek as well
}
"""Code pages with letters of one byte: the letters of a language, and frequent ones that are not in ASCII."""


LONGEST, ENOUGH = 500, 2_000
"""Bytes of the longest name, and of all names, by which a code page is chosen; it takes a second for 400 kB."""


def decoded(names: Sequence[bytes]) -> list[str]:
    """The names of one archive: each as UTF-8 if that is valid, else all in the code page that fits them best together,
    as one computer wrote them. An accent that stands beside its letter, as a Mac writes it, becomes one with it. Never
    fails."""
    found = {name: _strictly(name, "utf-8") for name in names}
    others = [name for name, as_utf8 in found.items() if as_utf8 is None]
    short = [name for name in others if len(name) <= LONGEST]
    sample = short[: bisect(list(accumulate(map(len, short))), ENOUGH)]
    pages = sorted((*_ASIAN, *_LETTERS), key=lambda page: -_fit(sample, page))
    # A short name may be valid UTF-8 by chance, as that of the folder which Chinese Windows makes for pictures is.
    others += [
        name
        for name, text in found.items()
        if others and len(name) <= LONGEST and "\x7f" < max(text or "\0") < "\u0800" and _fit([name], pages[0]) > 0.9
    ]
    for name in others:
        found[name] = next(
            (text for page in pages if (text := _strictly(name, page)) is not None), name.decode("cp437")
        )
    return [unicodedata.normalize("NFC", found[name] or "") for name in names]


def _strictly(name: bytes, page: str) -> str | None:
    try:
        return name.decode(page)
    except UnicodeDecodeError:
        return None


def _fit(names: Sequence[bytes], page: str) -> float:
    """How plausible names are in a code page: the mean of the marks, from 0 to 1, of their bytes outside ASCII."""
    marks = [mark for name in names for mark in _marks(name, page)]
    return sum(marks) / max(1, len(marks))


def _marks(name: bytes, page: str) -> list[float]:
    text = _strictly(name, page)
    if text is None:
        return [0.0] * len(name)
    if page in _ASIAN:
        return [mark for letter in text if letter > "\x7f" for mark in _asian(letter, page)]
    letters, frequent = _LETTERS[page]
    marks = []
    for word in re.findall(r"[^\W\d_]+|[^\x00-\x7f]", text):
        # Case changes after the first letter alone, no word mixes alphabets, and few are without a letter of ASCII.
        whole = re.fullmatch(f"{letters}+", word) and (word[1:].islower() or word.isupper() or len(word) == 1)
        most = 0.0 if not whole else 0.3 if "À" in letters and min(word) > "\x7f" else 1.0
        marks += [most * (1.0 if letter in frequent else 0.6) for letter in word.lower() if letter > "\x7f"]
    return [*marks, *(0.0 for _ in re.findall(r"[^\x00-\x7f]\\", text))]  # the second byte of an Asian letter


def _asian(letter: str, page: str) -> list[float]:
    frequent, (first, last), lowest = _ASIAN[page]
    code = letter.encode(page)
    if len(code) == 1:  # narrow kana, which hardly anybody uses
        return [0.1]
    if letter in frequent:
        return [1.0, 1.0]
    ordinary = first <= code[0] <= last and code[1] >= lowest
    punctuation = code[0] in (0x81, 0x82, 0x83) if page == "cp932" else 0xA1 <= code[0] <= 0xA3 and code[1] >= lowest
    return [0.5 if ordinary else 0.3 if punctuation else 0.05] * 2
