"""Swaps the names in a text, so that a model learns the act and not the actor.

Every country named (by name, people or seat of government), every armed group and every leader of the lists below is
replaced by another of its kind, the same one wherever it stands in the item.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache

from classifiers.countries import TABLE

_GROUP_NAMES = (
    "Hezbollah,Hizbollah,Hamas,Taliban,Taleban,al-Qaeda,al Qaeda,Al-Qaeda,Islamic State,Islamic Jihad,al-Shabaab,Al Shabaab,"
    "al Shabaab,Boko Haram,Houthis,Tamil Tigers,LTTE,FARC,ELN,PKK,M23,LRA,JNIM,Polisario,Wagner,RSF,TPLF,ISIS,ISIL,SDF,"
    "Fatah al-Islam,Abu Sayyaf,MILF,ETA,Lashkar-e-Taiba,Jaish-e-Mohammed,Haqqani network,Mahdi Army,Kataib Hezbollah"
)
_LEADER_NAMES = (
    "Putin,Medvedev,Zelensky,Zelenskyy,Zelenskiy,Lukashenko,Saakashvili,Poroshenko,Yanukovich,Yushchenko,Tymoshenko,"
    "Obama,Bush,Trump,Biden,Clinton,Gates,Rice,Cheney,McCain,Rubio,Hegseth,Blinken,Austin,Kerry,Panetta,"
    "Netanyahu,Olmert,Barak,Peres,Sharon,Abbas,Arafat,Haniyeh,Nasrallah,Ahmadinejad,Khamenei,Rouhani,Raisi,Pezeshkian,Araghchi,"
    "Kim Jong Il,Kim Jong-il,Kim Jong Un,Kim Jong-un,Lee Myung-bak,Lee Myung Bak,Yoon,Xi,Hu,Modi,Singh,Sharif,Musharraf,"
    "Zardari,Gilani,Karzai,Ghani,Maliki,Talabani,Assad,Mubarak,Morsi,Sisi,Gaddafi,Gadhafi,Saleh,Erdogan,Gul,Chavez,Maduro,Uribe,"
    "Santos,Petro,Correa,Morales,Zelaya,Micheletti,Castro,Ortega,Bolsonaro,Lula,Mugabe,Tsvangirai,Bashir,Kiir,Kagame,Kabila,"
    "Museveni,Gbagbo,Ouattara,Kibaki,Odinga,Traore,Goita,Tchiani,Bazoum,Doumbouya,Burhan,Hemedti,Abiy,Thaksin,Abhisit,Yingluck,"
    "Suu Kyi,Min Aung Hlaing,Marcos,Arroyo,Estrada,Yudhoyono,Ramos-Horta,Gusmao,Bainimarama,Rajapaksa,Bakiyev,Otunbayeva,"
    "Aliyev,Sarkisian,Pashinyan,Vucic,Dodik,Thaci,Orban,Merkel,Scholz,Merz,Sarkozy,Macron,Hollande,Brown,Cameron,Blair,Johnson,"
    "Starmer,Sunak,Berlusconi,Stoltenberg,Rutte,Rasmussen,Duda,Tusk,Shoigu,Lavrov,Gerasimov,Prigozhin,Peskov,Marape,Sogavare"
)

GROUPS = tuple(_GROUP_NAMES.split(","))
LEADERS = tuple(_LEADER_NAMES.split(","))

_ADJECTIVE, _PEOPLE = "adjective", "people"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Country:
    """One line of the country table: names, demonyms and capitals, the commonest form first."""

    names: tuple[str, ...]
    demonyms: tuple[str, ...]
    capitals: tuple[str, ...]

    def form(self, kind: str) -> str:
        """Return the commonest word for this country of a kind: name, adjective, people or capital."""
        if kind == "capital" and self.capitals:
            return self.capitals[0]
        if kind in (_ADJECTIVE, _PEOPLE) and self.demonyms:
            plural = next((word for word in self.demonyms if word.endswith("s")), self.demonyms[-1])
            return plural if kind == _PEOPLE else self.demonyms[0]
        return self.names[0]


@cache
def _countries() -> dict[str, _Country]:
    """Return the countries by ISO 3166 alpha-3 code."""
    rows = [line.split(";") for line in TABLE.strip().splitlines()]
    return {
        code: _Country(
            names=tuple(filter(None, names.split(","))),
            demonyms=tuple(filter(None, demonyms.split(","))),
            capitals=tuple(filter(None, capitals.split(","))),
        )
        for code, names, demonyms, capitals in rows
        if names
    }


@cache
def _known() -> dict[str, tuple[str, str]]:
    """Map each spelling to (who, kind); who is an ISO code or the name itself, kind the form of the word."""
    known = {group: (group, "group") for group in GROUPS} | {leader: (leader, "leader") for leader in LEADERS}
    for code, country in _countries().items():
        known |= dict.fromkeys(country.capitals, (code, "capital"))
        known |= {word: (code, _PEOPLE if word.endswith("s") else _ADJECTIVE) for word in country.demonyms}
        known |= dict.fromkeys(country.names, (code, "name"))
    return known


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_known(), key=lambda word: (-len(word), word))
    return re.compile(r"(?<![\w.])(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")


def swap_names(text: str, rng: random.Random) -> str:
    """Return `text` with every known country, group and leader replaced by another, drawn from `rng`.

    One of them keeps its replacement throughout the text, in the form it stands in (name, adjective, people,
    capital). A text that names none comes back as it is.
    """
    cast: dict[str, str] = {}

    def replace(match: re.Match[str]) -> str:
        who, kind = _known()[match.group()]
        if kind in ("group", "leader"):
            return cast.setdefault(who, rng.choice(GROUPS if kind == "group" else LEADERS))
        if who not in cast:
            cast[who] = rng.choice([code for code in _countries() if code != who and code not in cast.values()])
        return _countries()[cast[who]].form(kind)

    return _pattern().sub(replace, text)
