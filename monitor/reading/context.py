"""Whether a name that has several meanings is meant as the country: people, brands and the American state apart."""

from __future__ import annotations

from monitor.reading.tokens import Tokens

FIRST_NAMES = frozenset(
    ["michael", "michelle", "jim", "james", "john", "bob", "robert", "bill", "william", "tom", "thomas", "mary", "barbara", "kate", "katie", "kathy", "amy", "anna", "anne", "ann", "emma", "lucy", "david", "dave", "dan", "daniel", "jack", "joe", "joseph", "george", "paul", "peter", "mark", "steve", "stephen", "steven", "kevin", "brian", "chris", "christopher", "eric", "scott", "jessica", "jennifer", "sarah", "laura", "linda", "susan", "karen", "lisa", "nancy", "betty", "helen", "donna", "carol", "ruth", "sharon", "martin", "simon", "andrew", "andy", "tony", "sam", "samuel", "ben", "benjamin", "alex", "alexander", "nick", "nicholas", "patrick", "sean", "ryan", "jason", "justin", "adam", "aaron", "kyle", "tyler", "jordan", "taylor", "denzel", "kerry", "martha", "booker", "irving", "isaiah", "jeremy", "larry", "gary", "harry", "frank", "fred", "louis", "louise", "lionel", "marcus", "mick", "neil", "oscar", "oliver", "owen", "phil", "philip", "ralph", "ray", "rebecca", "rachel", "richard", "rick", "roger", "ron", "ronald", "rory", "ross", "roy", "russell", "theo", "tim", "timothy", "victor", "vincent", "walter", "wayne", "wendy", "will", "zoe", "ella", "eva", "grace", "kim", "lee", "lily", "mel", "sally", "stella", "sophie", "hilary", "hillary", "charlotte", "claire", "deandre", "deion", "eddie", "lamar", "montell", "leslie", "vernon", "hope", "elle", "rashida", "wes"]
)
# Names that are also given names: followed by another capitalised word outside a headline in capitals, they are a person.
GIVEN = frozenset(
    {
        "chad",
        "jordan",
        "georgia",
        "israel",
        "cuba",
        "paris",
        "sydney",
        "ireland",
        "kenya",
        "india",
        "china",
        "jamaica",
        "holland",
        "cyprus",
        "lebanon",
        "vienna",
        "milan",
        "london",
        "brooklyn",
    }
)
# What follows a country rather than a given name.
AFTER_COUNTRY = frozenset(
    ["army", "military", "navy", "air", "president", "presidents", "prime", "minister", "government", "parliament", "king", "queen", "foreign", "defence", "defense", "embassy", "police", "border", "supreme", "national", "muslim", "islamic", "arab", "first", "interior", "opposition", "defence", "force", "forces", "armed", "security", "says", "and", "war", "day", "in", "of", "on", "to", "for", "the", "is", "has", "was", "will", "warns", "valley", "times", "post", "central", "open", "grand", "olympic", "premier"]
)
# Words that place a Georgia in the United States, and words that place it in the Caucasus.
US_GEORGIA = frozenset(
    ["atlanta", "governor", "gov", "senate", "runoff", "kemp", "savannah", "warnock", "ossoff", "fulton", "bulldogs", "alabama", "florida", "tennessee", "carolina", "republican", "republicans", "democrat", "democrats", "gop", "sheriff", "county", "campus", "augusta", "columbus", "swing", "trump", "voters", "ballots", "raffensperger", "electors", "tornado", "tornadoes", "poultry", "braves", "falcons", "louisiana", "texas", "arizona", "nevada", "michigan", "pennsylvania", "wisconsin", "arbery", "execution", "inmate", "marjorie", "immigration", "hyundai"]
)
CAUCASUS = frozenset(
    ["tbilisi", "russia", "russian", "moscow", "kremlin", "abkhazia", "abkhaz", "ossetia", "ossetian", "saakashvili", "ivanishvili", "caucasus", "nato", "putin", "armenia", "azerbaijan", "ukraine", "shevardnadze", "georgian", "georgians", "pankisi", "eu", "peacekeepers", "troops"]
)
SPORT = frozenset(["vs", "v", "cup", "match", "striker", "goal", "goals", "wicket", "innings", "defeat", "beat", "draw", "qualifier", "qualifiers"])


def is_meant(code: str, tokens: Tokens, start: int, end: int, *, person: bool) -> bool:
    """Say whether the name at these tokens stands for the country (or office) it is listed under."""
    lower = tokens.lower
    name = lower[start]
    if not code:
        return True
    if end - start == 1:
        if name == "georgia" and _american_georgia(lower):
            return False
        if (
            start
            and tokens.cased
            and not person
            and lower[start - 1] in FIRST_NAMES
            and tokens.words[start - 1][0].isupper()
        ):
            return False
        if name in GIVEN and _given(tokens, end):
            return False
        if name in {"turkey", "turkeys"} and tokens.titled and _food(lower):
            return False
    return True


def _american_georgia(lower: list[str]) -> bool:
    words = set(lower)
    return bool(words & US_GEORGIA) and not words & CAUCASUS


def _given(tokens: Tokens, end: int) -> bool:
    if tokens.titled or not tokens.cased or end >= len(tokens.words):
        return False
    after = tokens.words[end]
    return after[0].isupper() and len(after) > 1 and not after.isupper() and after.lower() not in AFTER_COUNTRY


def _food(lower: list[str]) -> bool:
    return not {"thanksgiving", "stuffing", "gravy", "leftover", "leftovers", "oven", "cook", "roast"}.isdisjoint(lower)
