"""What headline words mean to the question whether two texts tell the same report.

Hand-written tables, in the short form that `stem` gives: words that say nothing, words that say the same, words that exclude one
another. Texts in other languages pass through untouched and are compared by their words alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

_STOP = (
    "a an the of in on at to for from by with and or but as is are was were be been being has have had it its this that these"
    " those his her their our your my he she they we you i who whom which what when where why how will would can could may"
    " might must shall should do does did than then there here into onto over under about against amid among during through"
    " via per up out off down so if while because since until also just very all both some any such own only s t re ve d ll"
    " near around between within along across said say says saying tell told tells according report reports reported"
    " reportedly official officials sources source state states spokesman spokeswoman spokesperson authorities media"
    " statement adds added announces announced le la les el los de des du un une en et que der die das und von im zu"
    " today yesterday tonight now still yet again amidst least most more almost nearly about some several"
)
STOP_WORDS = frozenset(_STOP.split())

_SAME = """
kill dead death died murder dy dying slain killing fatal fatally deadly
strike struck attack assault airstrike airraid bombardment
soldier troop serviceman servicemen force
injur wound hurt
talk negotiation negotiat
leader chief head
premier prim pm
lawmaker mp parliamentarian legislator
rebel insurgent militant gunman gunmen fighter
explosion blast explode detonation detonate
hit target pound slam rock
quak earthquak tremor
army military
boat vessel ship
jail imprison prison
police cop policemen policeman
arrest detain custody
child children kid
women woman
men man
warn warning caution
threat threaten
vow pledg promis vows
drill exercis manoeuvr maneuver wargam
mass amass gather concentrat concentration buildup
border frontier
envoy ambassador diplomat
accus alleg blam
deploy deployment send sent dispatch
plot conspiracy
overthrow oust topple toppl depos
plan plann
rais increas
help aid assistanc
call urge appeal demand
meet meeting summit
probe investigat investigation inquiry
quit resign resignation
vote ballot poll election
seiz captur
protest demonstration demonstrat rally
protester demonstrator
begin start launch began launched
end stop halt ceas
agree agreed agreement deal accord pact
deny deni denial reject dismiss
confirm admit acknowledg
withdraw withdrew withdrawal pullout pullback
evacuat evacuation
response respond retaliate retaliation reply answer
people person
north northern
south southern
east eastern
west western
northeast northeastern
northwest northwestern
southeast southeastern
southwest southwestern
high highest
cut sever
former ex
journalist reporter
teenager teen
shoot shot
assassinate assassination
girl schoolgirl
refugee migrant
nuclear atomic
blaz fire inferno
tank armour armor
abduct kidnap
close shut
discover found find uncover
large largest biggest big
bill law legislation
shake shaken shook rattle
before ahead
after follow following
helicopter chopper
jet warplane aircraft plane
sink sank capsize
flee fled escape
rescue save
condemn denounce criticise criticize slam
image picture photo photograph
video footage
deliver provide supply
consider mull weigh
reveal unveil disclose
cancel scrap
suspend pause
huge massive
row dispute spat feud
resident local
hold held stage
seek sought
continue persist
"""

# Within a group the words exclude one another: a text that has one and lacks the other tells of something else.
_EXCLUSIVE = {
    "day": "monday tuesday wednesday thursday friday saturday sunday",
    "month": "january february march april june july august september october november december",
    "time": "morning afternoon evening night midnight noon dawn dusk weekend",
    "weapon": "drone missile rocket shell artillery mortar grenade knife bomb mine gun sniper tank jet helicopter torpedo poison gas"
    " truck car axe cyberattack laser cannon submarine",
    "site": "mosque school hospital church market supermarket airport hotel embassy port bridge dam station plant refinery depot"
    " prison university college stadium court palace parliament barracks warehouse factory cinema theatre restaurant bar cafe"
    " nightclub train bus ferry temple synagogue checkpoint village town camp tower apartment home kindergarten funeral wedding"
    " mall base consulate library museum pipeline reservoir railway motorway highway convoy bank office shop airfield airbase",
    "people": "soldier civilian child women men police journalist doctor nurse teacher student tourist pilot worker miner"
    " lawyer judge priest nun farmer refugee rebel pilgrim aidworker peacekeeper fisherman cleric shopper commuter girl boy"
    " passenger mayor governor senator minister president premier general admiral commander king queen prince bishop pope"
    " protester separatist teenager family speaker ambassador businessman actor singer",
    "event": "protest quake flood explosion coup election crash shooting stabbing landslide storm hurricane typhoon"
    " cyclone tornado wildfire fire avalanche drought eruption strike talk drill sanction ceasefire referendum hijack kidnap"
    " outbreak famine riot hack blackout",
    "compass": "north south east west northeast northwest southeast southwest",
    "ordinal": "first second third fourth fifth sixth seventh eighth ninth tenth",
    "force": "army navy airforce marines guard coastguard parliament senate congress court cabinet opposition union",
}

# Two words from different sides of a pair say the opposite.
_OPPOSITE = """
deny / confirm admit agree claim accept
withdraw pullout pullback leave retreat / deploy mass enter arrive advance cross clash reach
rise raise surge jump soar climb gain grow / fall drop decline slump plunge tumble cut lower shrink
begin resume open join / end suspend delay postpone cancel finish conclude complete wrap
open reopen / close shut
win won victory / lose lost defeat
release free freed acquit / arrest jail kidnap convict sentenced extradite
arrest / extradite
agree accept approve back support endorse welcome pass / deny oppose block veto condemn refuse warn threat accuse
extend / end
recapture retake liberate / lose lost
ease easing lift / impose tighten declare
sworn appoint inaugurate elect / resign quit oust impeach
approve ratify sign / delay reject block
hire / fire sack
buy / sell
safe alive survive rescue / kill miss assassinate
allow permit / ban forbid block
ceasefire truce / offensive
impeach / resign
enter arrive approach / leave depart exit
"""

# A word of these on one side alone tells of another event.
DECISIVE_ALONE = frozenset(
    {
        "no",
        "not",
        "second",
        "third",
        "fourth",
        "fifth",
        "another",
        "former",
        "fail",
        "foil",
        "refus",
        "surviv",
        "anniversary",
    }
)

_LOOSE = (
    "hit before after man men woman women people person child say new latest major big huge top key deadly massiv several many dozen"
    " hundr thousand million billion crisi situation live breaking update exclusiv video watch look set amid early late"
    " old year week day month hour time"
)

_PLACES = """
AFG afghanistan afghan|ALB albania albanian|DZA algeria algerian|AGO angola angolan|ARG argentina argentine argentinian
ARM armenia armenian|AUS australia australian|AUT austria austrian|AZE azerbaijan azerbaijani azeri|BHR bahrain bahraini
BGD bangladesh bangladeshi|BLR belarus belarusian|BEL belgium belgian|BEN benin|BOL bolivia bolivian|BIH bosnia bosnian
BWA botswana|BRA brazil brazilian|BGR bulgaria bulgarian|BFA burkina_faso burkinab|BDI burundi burundian
KHM cambodia cambodian|CMR cameroon cameroonian|CAN canada canadian|CAF central_african_republic|TCD chad chadian
CHL chile chilean|CHN china chinese|COL colombia colombian|COD dr_congo congolese congo drc|CRI costa_rica|HRV croatia croatian
CUB cuba cuban|CYP cyprus cypriot|CZE czech czechia|DNK denmark danish dane|DJI djibouti|DOM dominican_republic
ECU ecuador ecuadorian ecuadorean|EGY egypt egyptian|SLV el_salvador salvadoran|GNQ equatorial_guinea|ERI eritrea eritrean
EST estonia estonian|ETH ethiopia ethiopian|FJI fiji fijian|FIN finland finnish finn|FRA france french|GAB gabon gabonese
GMB gambia gambian|GEO georgia georgian|DEU germany german|GHA ghana ghanaian|GRC greece greek|GTM guatemala guatemalan
GIN guinea guinean|GNB guinea_bissau|GUY guyana guyanese|HTI haiti haitian|HND honduras honduran|HKG hong_kong
HUN hungary hungarian|ISL iceland icelandic|IND india indian|IDN indonesia indonesian|IRN iran iranian|IRQ iraq iraqi
IRL ireland irish|ISR israel israeli|ITA italy italian|CIV ivory_coast ivorian|JAM jamaica jamaican|JPN japan japanese
JOR jordan jordanian|KAZ kazakhstan kazakh|KEN kenya kenyan|PRK north_korea north_korean nkorea|KOR south_korea south_korean skorea
XKX kosovo kosovar|KWT kuwait kuwaiti|KGZ kyrgyzstan kyrgyz|LAO laos laotian|LVA latvia latvian|LBN lebanon lebanese
LSO lesotho|LBR liberia liberian|LBY libya libyan|LTU lithuania lithuanian|MDG madagascar malagasy|MWI malawi malawian
MYS malaysia malaysian|MDV maldives maldivian|MLI mali malian|MLT malta maltese|MRT mauritania mauritanian|MEX mexico mexican
MDA moldova moldovan|MNG mongolia mongolian|MNE montenegro montenegrin|MAR morocco moroccan|MOZ mozambique mozambique mozambican
MMR myanmar burma burmese|NAM namibia namibian|NPL nepal nepali nepalese|NLD netherland dutch|NZL new_zealand|NIC nicaragua nicaraguan
NER niger nigerien|NGA nigeria nigerian|MKD macedonia north_macedonia macedonian|NOR norway norwegian|OMN oman omani
PAK pakistan pakistani|PSE palestinian palestin|PAN panama panamanian|PNG papua_new_guinea|PRY paraguay paraguayan
PER peru peruvian|PHL philippin filipino philippinese|POL poland polish pole|PRT portugal portuguese|QAT qatar qatari
ROU romania romanian|RUS russia russian|RWA rwanda rwandan|SAU saudi_arabia saudi|SEN senegal senegalese|SRB serbia serbian serb
SLE sierra_leone|SGP singapore singaporean|SVK slovakia slovak|SVN slovenia slovenian slovene|SOM somalia somali somaliland
ZAF south_africa south_african|SSD south_sudan south_sudanese|ESP spain spanish|LKA sri_lanka sri_lankan|SDN sudan sudanese
SUR surinam surinamese|SWE sweden swedish swede|CHE switzerland swiss|SYR syria syrian|TWN taiwan taiwanese|TJK tajikistan tajik
TZA tanzania tanzanian|THA thailand thai|TGO togo togolese|TUN tunisia tunisian|TUR turkey turkish turkiye turk
TKM turkmenistan turkmen|UGA uganda ugandan|UKR ukraine ukrainian|ARE united_arab_emirates uae emirati|GBR britain british uk briton
USA usa american america|URY uruguay uruguayan|UZB uzbekistan uzbek|VEN venezuela venezuelan|VNM vietnam vietnamese
YEM yemen yemeni|ZMB zambia zambian|ZWE zimbabwe zimbabwean|UNO un|EUU eu|NATO nato|GAZA gaza gazan|WBK west_bank
"""

_SEATS = """
RUS moscow kremlin putin|USA washington pentagon white_house pentagon|CHN beijing|GBR london downing_street|UKR kyiv kiev zelensky
IRN tehran|PRK pyongyang|KOR seoul|JPN tokyo|FRA paris|DEU berlin|TUR ankara|ISR jerusalem tel_aviv|SYR damascus|SAU riyadh
IND delhi new_delhi|PAK islamabad|TWN taipei|SRB belgrade|BLR minsk|POL warsaw|AFG kabul|IRQ baghdad|EGY cairo|LBN beirut
YEM sanaa|SDN khartoum|ETH addis_ababa|ERI asmara|VEN caracas|MMR naypyidaw|LBY tripoli|GEO tbilisi|ARM yerevan|AZE baku
MLI bamako|NER niamey|BFA ouagadougou|GAB librevill|GIN conakry|TCD ndjamena|SOM mogadishu|KEN nairobi|RWA kigali|COD kinshasa
XKX pristina|EST tallinn|LVA riga|LTU vilnius|MDA chisinau|ROU bucharest|HUN budapest|PHL manila|VNM hanoi|AUS canberra
"""

_PHRASES = """
north korea|north korean|south korea|south korean|south sudan|south sudanese|saudi arabia|white house|new zealand|sri lanka
sri lankan|burkina faso|ivory coast|hong kong|el salvador|costa rica|sierra leone|papua new guinea|dr congo|west bank
central african republic|equatorial guinea|guinea bissau|south africa|south african|united arab emirates|tel aviv|new delhi
addis ababa|downing street|north macedonia|dominican republic
"""
_JOINED = """
united states=usa|united nations=un|n korea=north_korea|s korea=south_korea|nkorea=north_korea|skorea=south_korea|united kingdom=uk|great britain=uk|european union=eu|democratic republic of congo=drc
air strike=airstrike|air strikes=airstrikes|air raid=airstrike|air raids=airstrikes|cease fire=ceasefire|build up=buildup
pull out=pullout|pulls out=pullout|pull back=pullback|pulls back=pullback|war games=drills|war game=drill|air force=airforce|cyber attack=cyberattack|cyber attacks=cyberattacks|pull back=pullback|pull out=pullout|stand off=standoff|tear gas=teargas|counter offensive=counteroffensive
coast guard=coastguard|aid worker=aidworker|aid workers=aidworkers|prime minister=premier|set to=set|blown up=blast
heads for=approaches|heads to=approaches|heads towards=approaches|heading for=approaches|heading to=approaches|head for=approach
foreign minister=fm|foreign secretary=fm|defence minister=dm|defense minister=dm|defence secretary=dm|defense secretary=dm
"""
_WHOLE = frozenset({"homs", "hamas", "houthis", "reuters", "mars", "wales", "athens", "brussels", "naples"})
_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
    " nineteen twenty"
)


def _table(text: str) -> list[list[str]]:
    return [row.split() for line in text.strip().splitlines() for row in line.split("|")]


NUMBERS: Mapping[str, str] = {word: f"#{n}" for n, word in enumerate(_NUMBERS.split())} | {
    "dozen": "#12",
    "hundr": "#100",
}
PHRASES: Mapping[str, str] = {
    phrase: phrase.replace(" ", "_") for line in _PHRASES.strip().splitlines() for phrase in line.split("|")
} | dict(pair.split("=") for line in _JOINED.strip().splitlines() for pair in line.split("|"))


PHRASE_STARTS = frozenset(phrase.split()[0] for phrase in PHRASES)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the short form of a folded English word: without plural, past and gerund endings; other scripts untouched."""
    if not word.isascii() or len(word) <= 3 or word in _WHOLE:  # noqa: PLR2004  # short words have no endings to lose
        return word
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) > 2 and not word.endswith("eed"):  # noqa: PLR2004  # "king", "red"
            word = word[: -len(ending)]
            word = word[:-1] if word[-1] == word[-2] and word[-1] not in "lse" else word
            break
    return word.removesuffix("e") if len(word) > 3 else word  # noqa: PLR2004  # "the"


def _canonical() -> dict[str, str]:
    return {form: stem(row[0]) for row in _table(_SAME) for word in row for form in (word, stem(word))}


SAME: Mapping[str, str] = _canonical()
PLACES: Mapping[str, str] = {stem(word): f"@{row[0]}" for row in _table(_PLACES) for word in row[1:]}
SEATS: Mapping[str, str] = {stem(word): f"@{row[0]}" for row in _table(_SEATS) for word in row[1:]}


def _stemmed(word: str) -> str:
    return SAME.get(stem(word), SAME.get(word, stem(word)))


GROUPS: Mapping[str, str] = {_stemmed(word): name for name, words in _EXCLUSIVE.items() for word in words.split()}
LOOSE = frozenset(_stemmed(word) for word in _LOOSE.split())


def _opposites() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _OPPOSITE.strip().splitlines():
        left, right = ({_stemmed(word) for word in side.split()} for side in line.split("/"))
        for one, other in ((left, right), (right, left)):
            for word in one:
                found.setdefault(word, set()).update(other - one)
    return {word: frozenset(others) for word, others in found.items()}


OPPOSITES: Mapping[str, frozenset[str]] = _opposites()
