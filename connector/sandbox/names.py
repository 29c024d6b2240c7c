"""Invented people of several alphabets. Any likeness is chance; all addresses end in reserved domains."""

# ruff: noqa: PLR2004, RUF001 - chances are the story itself; the letters are meant.

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from random import Random

# One alphabet a row: how often, given names, family names, given name first or last, how a phone number begins.
ALPHABETS: tuple[tuple[int, str, str, bool, str], ...] = (
    (
        46,
        "Ada Bo Carla Daniel Elena Felix Grace Hugo Ines Jonas Karin Liam Mona Noah Olga Paul Rosa Simon Tara Victor",
        "Adams Berg Costa Dale Evans Fischer Grant Hale Ibsen Jansen Keller Lindqvist Moreau Novak Okafor Park Reyes",
        True,
        "+4915",
    ),
    (
        16,
        "Ayşe Çağla İpek Işıl Ömer Şükrü Tuğba Ümit Gökçe Yiğit",
        "Yılmaz Çelik Öztürk Şahin Güneş Ağaoğlu Işık Kılıç",
        True,
        "+9053",
    ),
    (12, "محمد فاطمة عمر ليلى خالد نور سارة يوسف", "العلي الحداد حسن المصري الخطيب", True, "+9715"),
    (5, "伟 芳 秀英 敏 静 磊 洋", "王 李 张 刘 陈", False, "+8613"),
    (4, "さくら 健太 美咲 大輔", "佐藤 鈴木 高橋 田中", False, "+8190"),
    (3, "민준 서연 지훈 하은", "김 이 박 최", False, "+8210"),
    (4, "Иван Ольга Сергей Наталья", "Иванова Петров Кузнецова Шевченко", True, "+3806"),
    (3, "Ελένη Γιώργος Μαρία", "Παπαδοπούλου Νικολάου Οικονόμου", True, "+3069"),
    (3, "Nguyễn Thị Trần Văn Phạm", "Anh Bảo Châu Đức", True, "+8490"),
    # Combining marks kept decomposed, an apostrophe, a hyphen, a letter beyond the basic plane.
    (
        4,
        "Zoe\u0308 Jose\u0301 Siobha\u0301n Anne-Marie Ólafur 𠮷美",
        "O'Neill Mu\u0308ller d’Arcy Guðmundsdóttir",
        True,
        "+3538",
    ),
)
WEIGHTS = tuple(alphabet[0] for alphabet in ALPHABETS)
PARTS = tuple((given.split(), family.split(), first, phone) for _, given, family, first, phone in ALPHABETS)
DOMAINS = ("example.com", "example.org", "example.net", "mail.example")


class Person(NamedTuple):
    """Who somebody is, apart from any record about them."""

    full_name: str
    email: str | None
    phone: str | None


def person(chance: Random, number: int) -> Person:
    """Invent somebody; `number` keeps the address unique."""
    given, family, given_first, prefix = chance.choices(PARTS, WEIGHTS)[0]
    one, other = chance.choice(given), chance.choice(family)
    full_name = f"{one} {other}" if given_first else f"{other}{one}"
    handle = "".join(letter for letter in one.lower() if letter.isascii() and letter.isalpha()) or "user"
    email = f"{handle}.{number}@{chance.choice(DOMAINS)}" if chance.random() < 0.97 else None
    phone = f"{prefix}{chance.randrange(10**6, 10**7)}" if chance.random() < 0.7 else None
    return Person(full_name, email, phone)
