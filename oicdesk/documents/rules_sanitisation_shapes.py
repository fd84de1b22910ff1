"""What the sanitisation check tells by its shape: first person, named officers, telephones, plates, postcodes, "
"e-mail.

Repetitions are bounded, so the time grows with the length of the text and no faster.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from oicdesk.documents.rules_sanitisation_cues import ANY_WORD, SPACE, Cues, pattern_of


class Span(NamedTuple):
    """`text[start:end]`."""

    start: int
    end: int


def _spans(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    return (Span(*found.span()) for found in pattern.finditer(text))


_WORD: Final = re.compile(r"\w+")


def _at_words(pattern: re.Pattern[str], heads: frozenset[str], text: str) -> Iterator[re.Match[str]]:
    """Where a pattern that begins with one of the words `heads` (with any word, if there are none) stands."""
    end = 0
    for word in _WORD.finditer(text):
        if word.start() < end or (heads and word.group().lower().rstrip("0123456789") not in heads):
            continue  # told without looking further; most words end here
        if found := pattern.match(text, word.start()):
            end = found.end()
            yield found


# --- named officers -----------------------------------------------------------------------------------------

_FULL_NAME: Final = (
    rf"(?:[A-Z]\.?\s{{1,2}}){{0,2}}(?:(?:de|da|van|von|der|el|al|la|le|ap|mac|st)[\s\-]{{1,2}}){{0,2}}"
    rf"(?-i:[A-Z])[\w'’]{{1,30}}(?:[\-\u2010\u2011](?-i:[A-Z]){ANY_WORD})?"
)
# What a pub, a street or a firm is called by is no officer.
_PLACES: Final = (
    r"(?:Arms|Road|Rd|Street|Lane|Way|Close|Avenue|Drive|Court|House|Inn|Tavern|Hotel|Farm|Wharf|Quay|Yard|"
    r"Gardens|Terrace|"
    r"Place|Square|Crescent|Park|Gate|Hill|Green|Ltd|Limited|Plc|Haulage|Logistics|Transport|Motors|Packaging|Cars|"
    r"Crossback|Automobiles?)\b"
)
# Lower-case words after "dc" or "pc" that are no name.
_NO_NAMES: Final = (
    r"(?:monitors?|screens?|world|repairs?|supply|power|current|motors?|volts?|games?|tower|towers|parts|shops?|"
    r"based|with|were|"
    r"have|that|this|will|from|they|then|when|used|left|sold|kept|found|seized|comics|hard|desktop|laptop|"
    r"specialist|charger|"
    r"keyboard|cables?|equipment|software|running|bought|and|about|into|also|said)\b"
)
_NUMBERED: Final = (
    r"(?:collar|shoulder|warrant|warrant\scard|staff|badge|epaulette|force|officer|pin|c)\s{0,2}/?\s{0,2}"
    r"(?:numbers?|nos?\.?|num\.?|card)\s{0,2}(?:is|was|of)?\s{0,2}[:.#]?\s{0,2}[A-Z]{0,2}\d{2,6}[A-Z]{0,2}\b"
    r"|(?:collar|shoulder|badge|epaulette)\s{0,2}[:.#]?\s{0,2}\d{2,6}[A-Z]{0,2}\b"
)


def officers(text: str, cues: Cues) -> Iterator[Span]:
    """A rank with a name or a number, and the number of an officer."""
    for found in _at_words(_officer_pattern(cues), _heads_of_officers(cues), text):
        yield Span(*found.span())
    yield from _spans(_officer_named_first(cues), text)


_HEADS: Final = (
    "t a d pc ps dc ds di dci pcso sgt insp wpc tdc supt investigator officer official inspector analyst caseworker "
    "detective agent officers constables sergeants inspectors detectives collar shoulder warrant staff badge "
    "epaulette force pin c p io ho cio hio oic sio handler interviewer author"
)


_BODIES: Final = (
    r"(?:Immigration\s(?:Enforcement|Service|Intelligence)|Border\sForce|Home\sOffice|National\sCrime\sAgency|"
    r"NCA|HMRC|"
    r"UKVI|GLAA|CID|Special\sBranch|(?:[A-Z][a-z]{1,20}\s){1,2}(?:Police|Constabulary))"
)


@lru_cache(maxsize=8)
def _heads_of_officers(cues: Cues) -> frozenset[str]:
    """The words that may begin a named officer; none when a rank of the desk begins with an open word."""
    firsts = [one for cue in (*cues.ranks, *cues.short_ranks) for one in cue.split()[0].split("|")]
    if any(one.endswith("*") or one[0] in "_{" for one in firsts):
        return frozenset()
    words = {_WORD.findall(one.lower() + " x")[0] for one in firsts}
    return frozenset(_HEADS.split()) | words | {f"{word}s" for word in words}


@lru_cache(maxsize=8)
def _officer_named_first(cues: Cues) -> re.Pattern[str]:
    """The name, then the rank or the body that the officer serves in."""
    short = "|".join(sorted(map(re.escape, cues.short_ranks), key=len, reverse=True)) or r"(?!)"
    name = r"(?:(?:[A-Z][a-z]{1,20}|[A-Z]\.?)\s){1,2}[A-Z][\w'’\-]{1,25}"
    rank = (
        r"(?:[Oo]fficer|[Cc]onstable|[Ss]ergeant|[Ii]nspector|[Ss]uperintendent|[Dd]etective|[Ii]nvestigator|"
        r"[Aa]nalyst|"
        rf"{short})"
    )
    return re.compile(
        rf"\b[A-Z][a-z]{{1,20}}\s[A-Z][a-z]{{1,20}},?\s\((?:[A-Za-z]{{2,15}}\s){{0,2}}{rank}\b"
        r"|\b[A-Z][a-z]{2,20}\s\((?:PC|PS|DC|DS|DI|DCI|PCSO|CIO|IO|HIO|BFO|Sgt|Insp)\b"
        rf"|\b{name},?\s(?:of|from|at|with)\s(?:the\s)?{_BODIES}\b"
        rf"|\b{_BODIES}['’]s\s{name}"
        rf"|\b{name},\s(?:(?:an?|the|our)\s)?(?:[\w'’]{{1,20}}\s){{0,3}}{rank}(?=[,.;)]|$)"
    )


@lru_cache(maxsize=8)
def _officer_pattern(cues: Cues) -> re.Pattern[str]:
    """Short ranks count in capitals, or in any case before a number and a name."""
    by_length = sorted(cues.short_ranks, key=len, reverse=True)
    short = "|".join(rf"(?-i:{re.escape(one)})\.?" for one in by_length) or r"(?!)"
    long = pattern_of(cues.ranks, cues).replace(SPACE, rf"\.?{SPACE}")
    not_name = pattern_of(cues.not_names, cues)
    name = (
        rf"(?!{not_name}){_FULL_NAME}(?!\s{_PLACES}|['’]s\s{_PLACES}|\sat\s(?-i:Arms)\b)"
        rf"(?:\s(?!{not_name})(?-i:[A-Z]){ANY_WORD}(?!\s{_PLACES}))?"
    )
    names = rf"{name}(?:\s{{0,2}}(?:,|and|&)\s{{0,2}}{name})?"
    unit = r"(?!\s{0,2}(?:minutes?|hours?|days?|volts?|v\b|amps?|men|women|people|per|%|games?|console))"
    after_rank = (
        rf"(?:\d{{2,5}}[A-Z]{{0,2}}[\s,]{{1,3}}{name}|\d{{1,5}}[A-Z]{{0,2}}[\s,]{{1,3}}(?!Crossback){name}"
        rf"|{name}|\(?[A-Z]{{0,2}}\d{{3,5}}[A-Z]{{0,2}}\b{unit})"
    )
    ways = (
        rf"(?:[TAD]/)?(?:{short}|{long}\.?)(?::?\s{{1,3}}|(?=\())"
        rf"(?:\((?:retired|rtd|acting|temporary|temp)\)\s)?(?:(?:named|called|no\.?|number)\s)?{after_rank}",
        rf"(?:pc|ps|dc|ds|di|dci|pcso|sgt|insp|wpc|tdc)\s{{0,2}}\d{{2,5}}\s{{1,2}}{ANY_WORD}(?<!\d)",
        rf"(?-i:dc|ds|dci|pcso|sgt|insp|tdc|wpc|supt)\s(?!{not_name}|{_NO_NAMES})(?-i:[a-z])[a-z'’\-]{{3,20}}\b",
        rf"(?:(?<=by\s)|(?<=to\s)|(?<=with\s)|(?<=and\s)|(?<=from\s)|^)(?-i:pc|ps|di)\s(?!{not_name}|"
        rf"{_NO_NAMES})(?-i:[a-z])[a-z'’\-]{{3,20}}\b",
        r"(?:investigator|officer|official|inspector|analyst|caseworker|detective|"
        rf"agent)(?:\s[\w'’]{{1,20}}){{0,4}},\s"
        rf"(?:Mrs?|Ms|Miss|Dr)\.?\s{_FULL_NAME}(?:\s(?-i:[A-Z]){ANY_WORD})?",
        rf"(?:{long}|(?-i:OIC|SIO))(?:\s(?:in|of|at|for|"
        rf"on)(?:\s[\w'’]{{1,20}}){{1,3}})?,\s(?-i:[A-Z])[\w'’]{{1,20}}\s"
        rf"(?!{not_name})(?-i:[A-Z])[\w'’\-]{{1,20}}(?=[,.;)]|$)",
        rf"(?-i:Pc|Ps|Dc|Ds|Pcso|Dci|Wpc|Tdc)\s{name}",
        rf"(?:(?:{short})(?:['’]?s)|officers|constables|sergeants|inspectors|detectives)\s(?:\d{{3,5}}\b|{names})",
        rf"(?:officers?|io|ho|cio|hio|oic|sio|handler|interviewer|author|analyst)(?:['’]s)?"
        rf"(?:\sin\s(?:charge|the\scase))?(?:\snames?(?:\sis|\swas)?:?|\s?:|\s(?:is|was))\s(?!{not_name})"
        rf"(?-i:[A-Z])[\w'’.\-]{{0,20}}\s(?!{not_name})(?-i:[A-Z])[\w'’\-]{{1,20}}",
        rf"(?-i:PC|PS|DC|DS|DI|PCSO|IO|CIO)\d{{3,5}}[A-Z]{{0,2}}\b(?:\s{name})?",
        rf"(?:{long}),\s(?!{not_name})(?-i:[A-Z][a-z]{{2,20}}),\s",
        rf"(?-i:[PD][./]\s?[CSI]\b)\.?\s{{0,2}}(?:\d{{2,5}}\b|{name})",
        _NUMBERED,
    )
    return re.compile(rf"\b(?:{'|'.join(ways)})", re.IGNORECASE)


# --- first person -------------------------------------------------------------------------------------------

_FIRST: Final = re.compile(
    r"(?<![\w(\-&/.'’@+])(?:I(?:['’](?:m|d|ve|ll))?(?![\w)\-&]|/(?!we)|\.\w|['’]\w)"
    r"|me|my|myself|we(?:['’](?:d|ve|ll|re))?|us|our|ours|ourselves|mine(?=\W{1,2}(?:and|who|that|at|in|from|on|"
    r"said|says|"
    r"works|lives|told|has|is)\b|[.,;]|$)|i['’]?ve|im|weve|the\s(?:writer|undersigned)|this\s(?:writer|officer|"
    r"author)"
    r"|let['’]s)(?![\w])",
    re.IGNORECASE,
)
_OF: Final = re.compile(r"\bof\s{1,2}$", re.IGNORECASE)
# Words before a Roman numeral.
_BEFORE_NUMERALS: Final = frozenset(
    re.findall(
        r"\w+",
        "part appendix annex annexe section class category phase chapter schedule type level stage volume war "
        "table group tier grade band mark mk model zone form formula title unit block bay row hall wing dock pier "
        "gate berth shed plot hangar room flat deck lane lot figure book act step division vitamin factor "
        "schengen dublin eurodac euro elizabeth charles george james edward henry richard william john louis "
        "napoleon francis peter alexander ",
    )
)
_ONLY_NUMERALS: Final = re.compile(r"\b[IVX]{1,4},?\s(?:and|or|to)\s$")
_US: Final = re.compile(
    r"\s{1,3}(?:dollars?|visas?|passports?|citizens?|nationals?|embassy|currency|made|built|plates?|state)\b",
    re.IGNORECASE,
)
_NAME_BEFORE: Final = re.compile(r"\w[\s]{1,2}[A-Z][\w'’]{0,20}\s{1,2}$")
_SENTENCE_BEFORE: Final = re.compile(r"(?:^|[.!?:;\n(\[\"“”'‘’–—/]|\d[.)]|\([a-z]\))\s{0,4}$")
_NAME_AFTER: Final = re.compile(r"\s{1,2}(?-i:[A-Z])[a-z]{1,20}")
_RANK_AFTER: Final = re.compile(
    r"\s{1,2}(?:Sergeant|Inspector|Constable|Detective|Police|Intelligence|Officer|Chief|Force)"
)
_LIKE_VERB_AFTER: Final = re.compile(
    r"\s{1,3}(?:\w{2,15}ly\s)?(?:saw|see|am|was|had|have|did|do|would|will|could|can|shall|should|may|might|"
    r"believe|think|"
    r"know|knew|heard|noticed|note|noted|spoke|attended|asked|told|went|came|found|stopped|took|then|also|suspect|"
    r"assess|"
    r"understand|feel|felt|recognised|recall|observed|watched|counted|consider|must|never|\w{3,15}ed|"
    r"drove|ran|met|got|made|gave|left|kept|held|sat|stood|began|brought|bought|caught|chose|fell|flew|forgot|"
    r"kept|lay|led|"
    r"lost|meant|paid|put|read|rang|rode|rose|sent|set|shook|shot|showed|spent|swam|thought|threw|woke|wore|wrote|"
    r"walked|"
    r"look|live|work|want|need|hope|fear|say|tell|go|get|take|make|keep|still|first|just|now|often|only|have|"
    r"used|too|"
    r"cannot|can't|didn't|don't|won't|wouldn't|couldn't|haven't|wasn't|remain|agree|doubt|expect|intend|recommend|"
    r"request)\b"
)


def first_person(text: str) -> Iterator[Span]:
    """Words of the one who writes or tells, but no numerals, initials, names and countries."""
    for found in _FIRST.finditer(text):
        word, start, end = found.group(), *found.span()
        before = text[max(0, start - 25) : start]
        opens = _SENTENCE_BEFORE.search(before) is not None
        if word in ("I", "i"):
            last = before.rsplit(None, 1)[-1].lower() if before[-1:].isspace() and before.strip() else ""
            is_numeral = last in _BEFORE_NUMERALS or last.removesuffix("s") in _BEFORE_NUMERALS
            is_second = last in ("and", "or", "to") and _ONLY_NUMERALS.search(before) is not None
            if is_numeral or (is_second and not _LIKE_VERB_AFTER.match(text, end)):
                continue
            if word == "I" and not opens and _NAME_BEFORE.search(before) and not _LIKE_VERB_AFTER.match(text, end):
                continue  # "Ferry Queen I"
            if text[end : end + 1] == "." and not before[-2:-1].islower():
                continue  # an initial
        elif word in ("US", "ME", "OUR", "OURS", "WE", "MY", "MINE", "IM") and not _shouts(text, start, end):
            continue  # the country, or an abbreviation
        elif word.lower() == "us" and (_US.match(text, end) or re.search(r"(?i:\b(?:the|a|an|in)\s$)", before)):
            continue
        elif (
            word.lower() == "mine"
            and not _OF.search(before)
            and not (opens and re.match(r"\s(?:is|was|were)\b", text[end : end + 5]))
        ):
            continue  # a pit, unless "a friend of mine"
        elif word in ("Im", "im", "weve") and not _LIKE_VERB_AFTER.match(text, end):
            continue
        elif word.istitle() and not word.startswith(("The", "This")) and "'" not in word and "’" not in word:
            if not opens:
                continue  # part of a name: "the shop My Nails"
            if word != "I" and _NAME_AFTER.match(text, end) and not _RANK_AFTER.match(text, end):
                continue  # "Our Lady of the Marshes"
        if _WRITTEN_BEFORE.search(text, max(0, start - 120), start):
            continue  # what a sign says
        yield Span(start, end)


# What is read on a thing, up to the word inside its quotation marks.
_WRITTEN_BEFORE: Final = re.compile(
    r"\b(?:sign|slogan|poster|banner|graffiti|tattoo|sticker|leaflet|flyer|advert|advertisement|t-?shirt|shirt|"
    r"badge|label|"
    r"ticket|card|menu|window|wall|placard|notice|hoodie|cap|mug|"
    r"billboard)s?\b[^.\n]{0,60}?\s['\"‘“][^'\"‘’“”\n]{0,60}$",
    re.IGNORECASE,
)


def _shouts(text: str, start: int, end: int) -> bool:
    """Whether the words around are written in capitals, so that capitals mean nothing."""
    around = text[max(0, start - 40) : end + 40]
    return around == around.upper() and sum(map(str.isalpha, around)) > 8


# --- numbers and addresses ----------------------------------------------------------------------------------

_EMAIL: Final = re.compile(
    r"(?<![\w.+%\-])\w[\w.+%'’\-]{0,63}\s?(?:@|[\[({]\s?at\s?[\])}])\s?[\w\-]{1,63}"
    r"(?:\s?(?:\.|[\[({]\s?dot\s?[\])}])\s?[\w\-]{1,63}){1,6}"
    r"|\b\w{1,40}(?:(?:\.|\sdot\s)\w{1,40}){0,2}\sat\s(?!the\s|an?\s|this\s|that\s|one\s)\w{1,40}"
    r"\sdot\s(?!on\b|of\b|in\b|is\b|at\b|to\b)\w{2,10}\b",
    re.IGNORECASE,
)


def emails(text: str) -> Iterator[Span]:
    """Addresses with their sign, also spelled out."""
    return _spans(_EMAIL, text)


_BETWEEN: Final = r"[\s.\-\u2010\u2011\u2013()/]{0,3}"
_TELEPHONE: Final = re.compile(
    rf"(?<![\w+,/£€$])(?:\(?[0O]{_BETWEEN}[12378](?:{_BETWEEN}[\dO]){{8,9}}"
    rf"|(?:\+\s?|\(\+|00[\s\-]?)[1-9](?:{_BETWEEN}\d){{7,13}})(?!\d|\w)"
)
_CALLED: Final = re.compile(
    r"\b(?:tel|telephone|phone|mobile|mob|cell|whatsapp|contact|ring|rang|dial|call|text|sms|landline|extension|"
    r"ext)\w{0,3}\.?"
    r"\s{0,2}(?:him|her|them|us|me|the)?\s{0,2}"
    r"(?:(?:numbers?|no\.?|on|is|was|via|:|as)\s{0,2}){0,3}(?P<it>\d{5,8}|\d{3}\s\d{3,4}|"
    r"7\d{3}[\s\-]?\d{3}[\s\-]?\d{3}"
    r"|\d{5}\s\d{3}\s?\d{3})(?!\d)",
    re.IGNORECASE,
)
_DIGIT: Final = r"(?:(?:double|triple)\s)?(?:oh|zero|nought|one|two|three|four|five|six|seven|eight|nine|hundred)"
_SPOKEN: Final = re.compile(rf"\b(?:oh|zero|nought)(?:[\s,\-]{{1,2}}{_DIGIT}){{6,12}}\b", re.IGNORECASE)
_REFERENCE_BEFORE: Final = re.compile(
    r"\b(?:reference|ref|cad|crime|custody|serial|imei|container|booking|account|seal|invoice|ticket|passport|"
    r"order|item|"
    r"policy|consignment|batch|licence|license|sort\scode|tracking|waybill|docket|parcel|stock|vat|utr|case|log|"
    r"incident|"
    r"flight|contract|meter|membership|card|company|crn|part|product|model|chassis|engine|hull|receipt|job|urn|"
    r"iban|nhs|"
    r"permit|certificate|barcode|isbn|docket|delivery|charge|claim|file|document|transaction|payment|voucher|"
    r"registered)"
    r"\W{0,3}(?:number|numbers|no|nos|record|code|id|ref)?\W{0,3}(?:is|was|of)?\W{0,3}$",
    re.IGNORECASE,
)


def telephones(text: str) -> Iterator[Span]:
    """National numbers of ten or eleven digits however spaced, international ones, and short ones that are rung."""
    for found in _TELEPHONE.finditer(text):
        is_national = found.group().lstrip("(")[0] in "0O" and not found.group().startswith("00")
        if is_national and _REFERENCE_BEFORE.search(text[max(0, found.start() - 40) : found.start()]):
            continue
        if "\n\n" in found.group() or _is_times(found.group()):
            continue
        yield Span(*found.span())
    for found in _CALLED.finditer(text):
        yield Span(*found.span("it"))
    yield from _spans(_SPOKEN, text)


def _is_times(words: str) -> bool:
    """Dates and times in a row ("01 03 2026 10.42", "0200-0430") are no telephone number."""
    return (
        re.fullmatch(r"\d\d[\s./\-]\d\d[\s./\-]20\d\d\s.{4,6}|[0-2]\d[0-5]\d\s?[\-–/]\s?[0-2]\d[0-5]\d\W.*", words)
        is not None
    )


_POSTCODE: Final = re.compile(
    r"(?<![\w])(?P<out>[A-Z]{1,2}\s?\d[A-Z\d]?)(?P<gap>[\s\-.]{0,2})(?P<in>\d\s?[A-Z]{2})(?!\w)|\bGIR\s?0AA\b",
    re.IGNORECASE,
)
_PARTIAL: Final = re.compile(
    r"\b(?:in|at|near|around|of|postcode|post\scode)\s(?P<sector>[A-Z]{2}\d{1,2}[A-Z]?\s\d)(?=[,.;)]|$)"
    r"|(?i:\bpost\s?codes?\b)(?:\s(?:is|was|of|district|sector|area|begins|starts|starting|beginning|with|in|:)){0,3}"
    r":?\s(?P<district>[A-Z]{1,2}\d{1,2}[A-Z]?(?:\s\d)?)(?!\w)"
)
_MEASURE: Final = re.compile(
    r"1\s?st|2\s?nd|3\s?rd|\d\s?(?:th|ft|lb|hp|hr|mm|cm|km|kg|pm|am|ml|in|kw|kv|by|to|at|on|is|of|or|as|it|we|he|"
    r"if|an|do|up|so|no|my|me|us|go|be)",
    re.IGNORECASE,
)
_ROAD: Final = re.compile(r"[ABM]\s?\d{1,2}")


def postcodes(text: str) -> Iterator[Span]:
    """Whole postcodes however spaced, and the part of one before a mark or after the word."""
    for found in _POSTCODE.finditer(text):
        out, inner = found["out"] or "", found["in"] or ""
        is_measure = _MEASURE.fullmatch(inner) and (not inner.isupper() or _ROAD.fullmatch(out))
        # Spaces inside the halves are read in capitals only: "at 3 to 5 pm" has the shape too.
        is_loose = (" " in out or " " in inner) and not (found.group().isupper() and len(found["gap"] or "") <= 1)
        if not is_measure and not is_loose:
            yield Span(*found.span())
    for found in _PARTIAL.finditer(text):
        yield Span(*found.span("sector" if found["sector"] else "district"))


_CURRENT: Final = re.compile(r"(?<!\w)[A-Z]{2}[\s\-.]?\d{2}[\s\-.]{0,2}(?P<last>[A-Z]{3})(?!\w)", re.IGNORECASE)
_PREFIX: Final = re.compile(
    r"(?<!\w)[A-Z]\d{1,3}[\s\-]?(?P<last>[A-Z]{3})(?!\w)"
    r"|(?<!\w)(?P<first>[A-Z]{3})[\s\-]?\d{1,3}[A-Z](?!\w)"
    r"|(?<![\w\-])(?P<foreign>\d{2,3}-[A-Z]{1,2}-\d{1,6}|[A-Z]{2}-\d{3}-[A-Z]{2}|\d-[A-Z]{3}-\d{3}|"
    r"[A-Z\d]{2}-[A-Z]{2}-[A-Z\d]{2}|[A-Z]{1,2}-\d{2,3}-[A-Z]{3}"
    r"|[A-Z]{1,3}-[A-Z]{1,2}\s\d{2,4}|\d{2}-[A-Z]{3}-\d)(?![\w\-])"
    r"|(?<!\w)(?P<irish>[A-Z]{1,2}IZ|[A-Z]IG|[A-Z]IL)\s?\d{2,4}(?!\w)"
)
_PLATE: Final = (
    r"(?-i:[A-Z\d]{1,7}(?:[\s\-][A-Z\d]{1,5}){0,2}|[a-z]{2}\s?\d{2}\s?[a-z]{3}|"
    r"[a-z]{1,3}\d{1,4}\s?[a-z]{0,3}|\d{1,4}[a-z]{1,3})(?!\w)"
)
_CONTEXT: Final = re.compile(
    r"\b(?:(?:(?:number|licen[cs]e|vehicle)\s)?plates?|registrations?|reg['’]?d?|regd|regn|vrm|vrn|vrms|index|"
    r"indices|bearing|bears|"
    r"displaying|plated|registered|wearing|carrying)\b"
    r"(?:[\s:.,(“\"'‘]{1,3}(?:number|numbers|no|mark|marks|plate|plates|is|was|of|reads?|reading|shown|as|bearing|"
    r"showing|"
    r"ending|starting|beginning|in|part|partial|index|registration|on|with)\b){0,3}"
    rf"[\s:.,(“\"'‘]{{1,3}}(?P<it>{_PLATE})"
    r"|\b(?:van|car|lorry|saloon|hatchback|estate|minibus|vehicle|coach|pickup|truck|tractor\sunit|motorbike|"
    r"motorcycle|"
    r"moped|trailer|transit|sprinter|artic|hgv|4x4|suv|taxi|caravan|scooter|quad)[,:]?\s?[(,]\s?"
    r"(?P<by>(?-i:[A-Z]{1,3}\s?\d{1,5}|\d{1,4}\s?[A-Z]{1,3}))(?![\w\s]?\d)(?!\w)"
    r"|\b(?:van|car|lorry|saloon|hatchback|minibus|coach|truck|trailer|motorbike|taxi|transit|sprinter)\s"
    r"(?P<bare>(?-i:[A-Z]{1,3}\s?\d{2,4}\s?[A-Z]{1,3}|[A-Z]{2,3}\s\d{4,5}))(?!\w)"
    r"|\b(?:plates?|registration|reg|index|vrm)\s(?:ending|starting|beginning|ends|starts|begins)(?:\s(?:in|"
    r"with))?\s(?P<part>(?-i:[A-Z]{2,3}))\b",
    re.IGNORECASE,
)
_HEADS_OF_CONTEXT: Final = frozenset(
    re.findall(
        r"\w+",
        "number licence license vehicle plate plates registration registrations reg regd regn vrm vrn vrms index "
        "indices bearing bears displaying plated registered wearing carrying van car lorry saloon hatchback "
        "estate minibus "
        "coach pickup truck tractor motorbike motorcycle moped trailer transit sprinter artic hgv 4x suv taxi "
        "caravan "
        "scooter quad",
    )
)
_SHORT_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "the and was has had for are but not who one two six ten men man van car via all any can did off out its his "
        "her him she now old new saw lay led ran way day yet set put got may per our you bus cab is pm am ref "
        "hgv lgv "
        "nca cad bmw nrm gps pnc vrm mod usa fno hmo ied iso gbp eur usd amg cctv pc ps dc ds di dci sgt gmt bst "
        "jan feb mar apr jun jul aug sep oct nov dec hrs cdi tdi mph kph lbs kgs pcs eu uk ltd box tin bag fee pax",
    )
)


_PART_BEFORE: Final = re.compile(
    r"\b(?:part|serial|model|product|stock|batch|container|seal)\s(?:numbers?|no\.?|code)\s(?:is\s|was\s|of\s)?$",
    re.IGNORECASE,
)


def plates(text: str) -> Iterator[Span]:
    """British marks by their shape; others only beside words for a plate or a vehicle."""
    for pattern in (_CURRENT, _PREFIX):
        for found in pattern.finditer(text):
            letters = next(filter(None, found.groups()))
            written = found.group()
            one_case = written.isupper() or written[2].isdigit() or "-" in written
            is_part = _PART_BEFORE.search(text[max(0, found.start() - 25) : found.start()])
            if one_case and letters.lower() not in _SHORT_WORDS and not is_part:
                yield Span(*found.span())
    for found in _at_words(_CONTEXT, _HEADS_OF_CONTEXT, text):
        group = found.lastgroup or "it"
        if group == "part" or _is_plate(found[group]):
            yield Span(*found.span(group))


def _is_plate(words: str) -> bool:
    parts = re.split(r"[\s\-]", words)
    joined = "".join(parts)
    has_both = any(map(str.isalpha, joined)) and any(map(str.isdigit, joined))
    return has_both and 3 <= len(joined) <= 9 and not any(part.lower() in _SHORT_WORDS for part in parts)
