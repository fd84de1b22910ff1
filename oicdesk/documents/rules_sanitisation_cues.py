"""The words that the sanitisation check looks for, as a new desk starts with them, and how a cue is read.

`resources/reference/sanitisation.toml` holds the same words and says how a cue is written; a test keeps the two alike.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

from oicdesk.errors import Refused

LONGEST_CUE: Final = 160
MOST_GAPS: Final = 3  # more optional words would make the search slow
SPACE: Final = r"[\s\-\u2010\u2011\u2013]{1,4}"
ANY_WORD: Final = r"[\w'’]{1,30}"


@dataclass(frozen=True)
class Cues:
    """The editable words of the check; each is a tuple of cues in the small language of the file."""

    source_words: tuple[str, ...] = (
        "informant*", "informer*", "CHIS", "human intelligence source*",
        "source|sources of _ information|intelligence|report", "source*", "caller", "anonymous _ caller",
        "anonymous*", "confidential _ contact", "Crimestoppers", "member|members of the public", "whistle blower*",
        "whistleblower*", "witness", "witnesses", "eyewitness*", "passer by", "passers by", "cell mate*",
        "cellmate*", "fellow prisoner*", "fellow inmate*", "undercover", "surveillance", "intercept", "intercepted",
        "interception", "covert*", "listening device*", "tip off*", "tipped off", "in confidence", "confided",
        "overheard", "not to be named", "not to be identified", "complainant*", "999 call", "101 call",
        "do|does|did not wish|want to be identified|named", "note|letter pushed|left|received|posted", "tracker",
        "trackers", "tracking device*", "cell site", "used to work|live", "human source*", "covert source*",
        "registered source*", "tasked to", "turned informant", "phone|telephone billing", "call data",
        "call records", "communications data", "billing records|data", "intercepted _ call*|message*",
        "handset download*", "downloaded from his|her|their|the phone|handset|telephone", "under authority",
        "authority was granted", "directed surveillance", "test purchase*", "live listening", "bugged", "wire tap*",
        "wiretap*", "probe fitted", "recording device*", "covert camera*", "hidden camera*",
        "monitored call*|line*|account*", "came forward", "approached police|officers|the police",
        "has|have asked not to be", "asked not to be", "wish|wishes|wished to remain", "fears|fear|feared reprisal*",
        "in fear of reprisal*", "afraid to make|give a statement", "unwilling to make|give a statement",
        "gave no name", "left no name", "withheld _ name", "would not give _ name", "refused to give _ name",
        "on condition of", "off the record", "well placed",
        "close to the group|family|organiser|gang|network|foreman|owner|subject",
        "inside the group|gang|network|business", "on the inside", "confidentially",
        "person reporting|informing|calling", "reporting person|party", "first hand account",
        "in his|her|their own words", "account|story|tip|detail|details|word came|comes|come from",
        "do|does|did not want police|officers|to be",
        "note|letter|message|parcel|envelope _ _ _ pushed|left|received|posted|delivered|slipped|handed",
        "without a signature", "unsigned", "is|was|are|were said by",
        "who rang|phoned|called|wrote|reported|complained|spoke up", "asked that _ name", "does|did not give _ name",
        "speaking to officers|police",
    )  # fmt: skip
    source_exceptions: tuple[str, ...] = (
        "source of", "sources of", "open source*", "power source*", "light source*", "heat source*", "water source*",
        "energy source*", "food source*", "source code", "to source", "sourced", "sourcing",
        "partner company|firm|agency|agencies|force|organisation", "partner companies|firms|organisations",
        "victim support",
    )  # fmt: skip
    people: tuple[str, ...] = (
        "neighbour*", "resident", "residents", "employee*", "worker", "workers", "colleague*", "co worker*",
        "coworker*", "landlord*", "landlady", "tenant*", "lodger*", "housemate*", "flatmate*", "shopkeeper*",
        "cleaner*", "receptionist*", "caretaker*", "partner", "wife", "husband", "girlfriend*", "boyfriend*",
        "brother*", "sister*", "cousin*", "father", "mother", "uncle", "aunt", "son", "daughter", "nephew", "niece",
        "relative", "relatives", "friend", "friends", "associate", "associates", "acquaintance*", "prisoner*",
        "inmate*", "nurse", "doctor", "teacher", "social worker*", "faith leader*", "charity worker*",
        "taxi driver*", "delivery driver*", "bus driver*", "coach driver*", "dog walker*", "customer*", "guest",
        "guests", "farmer*", "member of staff", "members of staff", "staff member*", "victim", "victims", "insider*",
        "someone", "somebody", "porter*", "councillor*", "agent", "agents", "ex _", "former _", "housekeeper*",
        "carer*", "care worker*", "child minder*", "childminder*", "nanny", "nannies", "midwife", "midwives",
        "paramedic*", "pharmacist*", "dentist*", "priest", "vicar", "imam", "pastor", "pupil", "pupils", "student",
        "students", "apprentice*", "trainee*", "intern", "interns", "labourer*", "barmaid", "barman", "bartender*",
        "waiter", "waiters", "waitress*", "chef", "chefs", "cook", "cooks", "bouncer*", "door staff",
        "security guard*", "guard", "guards", "warden*", "postman", "postwoman", "postal worker*", "courier*",
        "estate agent*", "letting agent*", "bailiff*", "mechanic*", "plumber*", "electrician*", "builder*",
        "decorator*", "gardener*", "roofer*", "scaffolder*", "hairdresser*", "beautician*", "dealer*", "broker*",
        "banker*", "accountant*", "bookkeeper*", "solicitor*", "interpreter*", "volunteer*", "trustee*",
        "campaigner*", "union rep*", "lead", "team leader*", "supervisor*", "line manager*", "stepfather",
        "stepmother", "stepson", "stepdaughter", "grandfather", "grandmother", "grandson", "granddaughter",
        "in law*", "fiance*", "lover", "widow", "widower", "godfather", "godmother", "parent", "parents", "child",
        "children", "confidant*", "go between*", "middleman", "fixer*", "defector*", "user", "users", "regular",
        "regulars", "visitor*", "onlooker*", "bystander*", "motorist*", "cyclist*", "walker*", "jogger*",
        "commuter*", "angler*", "fisherman", "fishermen", "skipper*", "deckhand*", "crew member*",
        "member of the crew", "members of the crew", "member of the family", "family member*",
        "members of the family", "members of the congregation", "member of the congregation",
    )  # fmt: skip
    persons: tuple[str, ...] = (
        "person", "persons", "people", "man", "men", "woman", "women", "individual*", "one", "driver*", "manager*",
        "member*", "officer*", "male", "female", "youth*", "boy", "girl", "passenger*", "barber*", "occupant*",
        "foreman", "bookkeeper*", "other", "others", "lady", "gentleman", "girl friend", "teenager*", "adult*",
        "pensioner*", "couple", "pair", "group of _ women|men|people", "foreign national*", "national*", "detainee*",
        "arrival*", "migrant*", "passer*",
    )  # fmt: skip
    telling: tuple[str, ...] = (
        "say", "says", "said", "state", "states", "stated", "report", "reports", "reported", "tell", "tells", "told",
        "inform", "informs", "informed", "disclose*", "describe", "describes", "described", "mention", "mentions",
        "mentioned", "claim", "claims", "claimed", "allege", "alleges", "alleged", "reveal", "reveals", "revealed",
        "advise", "advises", "advised", "add", "adds", "added", "confirm", "confirms", "confirmed", "explain",
        "explains", "explained", "complain*", "recall", "recalls", "recalled", "believe", "believes", "believed",
        "heard", "saw", "has|have|had seen", "notice", "notices", "noticed", "observed", "witnessed", "rang",
        "phoned", "telephoned", "contacted", "wrote", "let it be known", "got in touch", "called police",
        "rang police", "rang the police", "called the police",
        "has|have|had watched|noticed|spotted|counted|recognised|filmed|photographed|recorded|overheard|witnessed",
        "can|could hear|see", "hears", "sees", "spotted", "counted", "recognised|recognises",
        "identified|identifies", "raised|raises|raising _ concern*", "raised the alarm",
        "expressed|expresses concern*", "voiced concern*", "passed on", "passes on", "passed word",
        "gave|gives|given an account", "gave|gives _ account", "gave|gives details", "gave|gives _ description",
        "gave a name", "handed over", "handed _ officers|police", "showed officers|police", "got word", "let slip",
        "let on", "shared with police|officers", "alerted", "alerts", "warned", "warns", "notified", "notifies",
        "flagged", "emailed", "texted", "messaged", "posted online",
        "sent a text|message|letter|photograph|picture|video|email", "sent police|officers",
        "made a report|complaint|call|statement", "made contact", "came to the front desk|counter|station",
        "walked into _ police station", "spoke to|with police|officers|an officer|the police", "speaks of",
        "spoke of", "talked to|with police|officers", "talked about", "talks about", "remarked", "remembers",
        "remembered", "maintains", "maintained that", "insists", "insisted", "suspects that|the", "thinks",
        "thought that", "fears that", "understands that", "is|was convinced", "is|was aware that", "is|was certain",
        "is|was sure", "knows that", "learned|learnt that", "found out", "names the|him|her|them",
        "admitted to a|an", "confided", "complained", "indicated that", "suggests that", "suggested that",
        "volunteered", "provided", "provides", "supplied", "supplies", "wrote to", "rang in", "called in",
        "phoned in", "got through to", "reported seeing|hearing", "describing", "saying that", "stating that",
        "claiming that", "reporting that",
        "is|are|was|were worried|concerned|suspicious|alarmed|troubled|uneasy that|about", "pointed _ _ out",
        "points _ _ out", "pointed out|to", "got suspicious", "became suspicious|concerned", "is|was afraid that",
        "has|have doubts", "has|had his|her|their suspicions",
    )  # fmt: skip
    papers: tuple[str, ...] = (
        "record*", "document*", "ledger*", "ticket*", "manifest*", "booking*", "log", "logs", "book", "books",
        "receipt*", "invoice*", "register*", "database*", "system*", "data", "website*", "timetable*", "label*",
        "passport*", "papers", "paperwork", "contract*", "note", "notes", "map", "sign", "signs", "tachograph*",
        "satnav", "report", "reports", "research", "companies house", "cctv", "footage", "camera*", "statement*",
        "bank", "checks", "analysis", "open source", "agreement*", "notice*", "poster*", "advert*", "lease*",
        "certificate*", "form", "forms", "computer*", "letter*", "list", "lists", "order*", "number*", "paper*",
        "newspaper*", "container*", "trailer*", "printer*", "scanner*", "router*", "sticker*", "folder*", "counter*",
        "meter*", "sensor*", "locker*", "corner*", "border*", "government", "department*", "council", "court",
        "ministry", "agency", "bill", "bills", "file", "files", "spreadsheet*", "rota", "roster*", "diary",
        "calendar", "photograph*", "screen", "screens", "site", "app",
    )  # fmt: skip
    referring_back: tuple[str, ...] = (
        "source", "caller", "informant", "witness", "person", "contact", "chis",
    )  # fmt: skip
    uniqueness: tuple[str, ...] = (
        "only _ {person} who|that|to|with|present|able|there|aware", "only _ {person} in|on|at the",
        "last person to", "the sole {person}", "a sole {person}",
        "only {few} _ {person} know|knows|knew|has|have|had|hold|holds|held|keep|keeps|can|could|apart|besides|except",
        "only {few} _ {person} of|in the _ know|knows|knew|has|have|had",
        "only {few} _ {person} is|are|was|were aware|present|there|told|trusted|allowed", "just {few} _ {person}",
        "nobody|none else|but|except", "no one else|but|except", "nobody|none other|apart than|from",
        "no one other|apart than|from", "known only to", "only known to", "known to only|just",
        "known to {few} _ {person}", "a single employee|worker|person|tenant|member", "he|she alone",
        "apart from _ _ _ nobody", "apart from _ _ _ no one", "only he|she|they know|knows|knew",
        "he|she|who alone know|knows|knew|has|had|holds|held", "told|shown|given|said to him|her|them alone",
        "him|her alone", "them alone", "alone with", "were alone", "in private", "one to one", "told only",
        "only told", "shown only to", "between the two of them", "no more than {few} _ {person}", "uniquely placed",
        "nobody|no one in the _ knew|knows", "solely", "exclusively known|told|shown|held",
        "shared with nobody|no one", "shared with no other _", "unknown to anyone|everyone else",
        "unknown to the others|rest", "in strict|total|complete confidence", "kept it to himself|herself|themselves",
        "kept _ to himself|herself|themselves", "the others|rest do|did not know", "the others|rest knew nothing",
        "never told anyone|anybody", "told nobody|no one", "not told anyone|anybody else",
        "has|have told nobody|no one", "entrusted to|with", "besides him|her|them nobody|no one",
        "besides him|her|them only", "other than him|her|them nobody|no one",
        "the one person|man|woman|employee|driver who|that", "few people|others know|knew|have",
        "few others know|knew|have", "single person|man|woman|employee|driver who",
        "with nobody|no one else present|there|in", "nobody|no one except|but|besides",
        "the other person|man|woman present", "only person|man|woman", "face to face", "when they were alone",
        "a conversation of two", "only he|she|they and", "the two of them only|alone", "sole {person}",
        "sole witness|passenger|occupant|resident|tenant|employee",
        "only witness|passenger|occupant|resident|tenant|employee|keyholder*", "sole keyholder*",
        "no other person|employee|driver|resident|tenant", "nobody|no one besides", "limited to {few} _ {person}",
        "by {few} _ {person} only", "only the|his|her|their _ and _ _ have|has|had|know|knows|knew|saw|see|heard",
        "only _ {person} and _ {person}", "to|with a single {person}", "a single {person} who|knows|knew|was|is",
        "one single {person}", "just one other _", "just one _ {person}", "with only one|two other _",
    )  # fmt: skip
    few: tuple[str, ...] = (
        "one", "two", "three", "four", "1", "2", "3", "4", "a few", "a handful of", "very few",
    )  # fmt: skip
    ranks: tuple[str, ...] = (
        "police constable", "detective constable", "special constable", "detective sergeant", "police sergeant",
        "custody sergeant", "detective inspector", "detective chief inspector", "detective superintendent",
        "detective chief superintendent", "chief inspector", "chief superintendent", "superintendent",
        "chief constable", "assistant chief constable", "constable", "sergeant", "inspector",
        "chief immigration officer", "immigration officer", "border force officer", "custody officer",
        "intelligence officer", "reporting officer", "community support officer", "officer", "det con", "det sgt",
        "det insp", "det supt", "temporary _ inspector|sergeant", "acting inspector|sergeant|superintendent",
        "border force", "chief officer", "case officer", "handler", "source handler", "controller", "detective",
        "enforcement officer", "liaison officer", "neighbourhood officer", "beat manager", "response officer",
        "special inspector|sergeant", "investigating officer", "arresting officer", "duty inspector|sergeant",
        "station sergeant", "custody inspector",
    )  # fmt: skip
    short_ranks: tuple[str, ...] = (
        "PC", "WPC", "PS", "DC", "DS", "DI", "DCI", "DSU", "DCS", "TDC", "PCSO", "SPC", "CIO", "IO", "HEO", "Sgt",
        "Insp", "Supt", "Ch Insp", "Cst", "ACC", "TDS", "TDI", "TDCI", "T/DS", "SIO", "DCC", "CC", "SGT", "INSP",
        "CINSP", "DSGT", "DCON", "SC",
    )  # fmt: skip
    not_names: tuple[str, ...] = (
        "Safety", "World", "Country", "General", "Report", "Reports", "Statement", "Norfolk", "Suffolk", "January",
        "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "The", "This",
        "That", "On", "In", "At", "And", "Or", "Of", "To", "From", "With", "Was", "Were", "Is", "Are", "Has", "Had",
        "Have", "Who", "When", "As", "A", "An", "For", "By", "He", "She", "They", "I", "We", "It", "Will", "Name",
        "Number", "No", "Attended", "Arrested", "Stopped", "Said", "Stated", "Could", "Would", "Did", "Not",
        "Remained", "Saw", "Then", "Police", "Constabulary",
    )  # fmt: skip


def cues_from(table: Mapping[str, Sequence[str]]) -> Cues:
    """The cues of an edited table, absent keys as they start out; Refused names the first cue that cannot be read."""
    known = {one.name for one in fields(Cues)}
    for key, words in table.items():
        if key not in known:
            raise Refused(f"The sanitisation check has no list of words called “{key}”; check the spelling.", field=key)
        for cue in words:
            _check(key, cue)
    return Cues(**{key: tuple(words) for key, words in table.items()})


def _check(key: str, cue: str) -> None:
    parts = [one for word in cue.split() for one in word.split("|")]
    if not parts or not all(part.strip("*") for part in parts) or len(cue) > LONGEST_CUE:
        raise Refused(
            f"A cue is made of words and has at most {LONGEST_CUE} characters; shorten or complete “{cue[:30]}”.",
            field=key,
        )
    if parts.count("_") > MOST_GAPS or set(parts) == {"_"}:
        raise Refused(f"A cue has a word of its own and at most {MOST_GAPS} gaps; change “{cue[:30]}”.", field=key)
    if set(re.findall(r"\{[^}]*\}?", cue)) - {"{person}", "{few}"}:
        raise Refused(f"A cue knows only {{person}} and {{few}} in brackets; change “{cue}”.", field=key)


def pattern_of(words: Collection[str], cues: Cues) -> str:
    """The cues as one regular expression without groups, longest first, each a whole word or phrase."""
    if not words:
        return r"(?!)"  # no cues: nothing is found
    ordered = sorted(set(words), key=lambda cue: (-len(cue), cue))
    return r"\b(?=\w)(?:" + "|".join(_phrase(cue, cues) for cue in ordered) + r")\b"


def _phrase(cue: str, cues: Cues) -> str:
    words = cue.split()
    made = ""
    for number, word in enumerate(words):
        is_last = number == len(words) - 1
        if word == "_":
            made = f"{made.removesuffix(SPACE)}(?:{SPACE}{ANY_WORD})?" if is_last else f"{made}(?:{ANY_WORD}{SPACE})?"
        else:
            made += _word(word, cues) + ("" if is_last else SPACE)
    return made


def _word(word: str, cues: Cues) -> str:
    if word == "{person}":
        return pattern_of((*cues.people, *cues.persons), cues)
    if word == "{few}":
        return pattern_of(cues.few, cues)
    return "(?:" + "|".join(_ending(one) for one in word.split("|")) + ")"


def _ending(word: str) -> str:
    plain = re.escape(word.removesuffix("*")).replace("'", "['’]")
    return plain + (r"\w{0,15}" if word.endswith("*") else "")
