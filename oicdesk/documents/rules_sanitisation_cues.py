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
        "informant*", "informer*", "CHIS", "CHISes", "human intelligence", "HUMINT",
        "source|sources of _ information|intelligence|report", "source", "sources", "caller", "callers",
        "anonymous _ caller|call|calls|letter|letters|note|report|reports|tip|email|message|information|informant",
        "anonymous _ source|contact|male|female|person|man|woman|text|voicemail|post|postcard|parcel|complaint",
        "anonymous web|online report|form", "anonymously", "remain|remains|remained anonymous",
        "anonymous|unknown|unnamed member", "anonymity", "anonymous", "tipster*",
        "confidential _ contact|source|line|report|reporting|information|intelligence|hotline", "Crimestoppers",
        "member|members of public", "member|members of the public", "whistle blower*", "whistleblower*", "witness",
        "witnesses", "eyewitness*", "eye witness*", "passer by", "passers by", "cell mate*", "cellmate*",
        "fellow prisoner*", "fellow inmate*", "tip off*", "tipped off police|officers|the", "tipped off",
        "tip received|came|rec'd", "in confidence", "confides|confided|confiding", "overheard", "overhears",
        "overhearing", "not to be named|identified", "complainant*", "999 call|caller|calls", "101 call|caller|calls",
        "called|rang|phoned|dialled|via|on 999|101", "the 101|999 line|system",
        "not wish|want to be identified|named|known|involved|contacted", "does|do|did not want _ name",
        "wish|wishes|wished|wants|wanted|asked|asks|asking|prefers|preferred|chose|keen to remain|stay anonymous|unnamed|unidentified|nameless",
        "wish|wishes|wished to remain",
        "note|letter|message|parcel|envelope|card|slip _ _ _ pushed|left|received|posted|delivered|slipped|handed under|through|in|at|by|with|to|on",
        "without a signature", "unsigned", "no signature", "under authority", "authority was granted",
        "came|come|comes forward", "coming forward", "approached|approaches|approaching police|officers",
        "approached|approaches the police", "walked in to|into _ police station", "asked|asks|asking not to be",
        "asked that _ name", "fear|fears|feared|fearing reprisal*", "fear of reprisal*",
        "fear of being identified|recognised|found", "too frightened|scared|afraid to",
        "afraid to make|give|be|speak|come", "unwilling|reluctant to make|give|provide _ statement|name",
        "declined|refused|refuses|declines to make|give|provide|leave _ statement|name|details",
        "would|could not make|give _ statement", "gave|gives|giving|left|leaving|leaves no name|details",
        "withheld|withholding|withholds _ name", "not give|leave|provide _ name",
        "without giving|leaving _ name|details", "on condition of", "off the record", "well placed",
        "close to the group|family|organiser|gang|network|foreman|owner|subject|organisation|business|household",
        "inside the group|gang|network|business|organisation|family|household|syndicate", "on the inside",
        "from the inside", "confidentially", "person reporting|informing|calling", "reporting person|party",
        "first hand account", "in his|her|their own words",
        "account|story|tip|detail|details|word|information|intelligence|rumour came|comes|come from|via|through",
        "call|calls came|comes in|from", "do|does|did not want police|officers", "is|was|are|were said by",
        "speaking to officers|police", "who rang|phoned|called|wrote|reported|spoke up",
        "who contacted|approached|told|informed|alerted|rang police|officers|us", "who rang in|off",
        "sources say|said|close", "word on the street", "word from the|inside|his|her|a|within",
        "talk|gossip|word|whisper|rumour in|at|among|around|on the _",
        "intel|information|intelligence|word|talk from prison|inside|within|custody|behind", "from|by the public",
        "calls from", "local|street rumour*|gossip", "rumour has it", "rumours circulating|locally",
        "local|community intelligence", "community contact*",
        "trusted|reliable|established|tested|regular|sensitive|delicate contact|reporting", "intelligence debrief*",
        "debrief of", "debriefed", "in debrief|interview with", "cell share|sharer",
        "voicemail|message left|received", "answerphone message", "online|web reporting form",
        "online tip|report|form", "reporting hotline|helpline", "modern slavery helpline",
        "a concerned citizen|individual", "tasking", "tasked to", "tasked by", "turned informant",
        "in prison|custody told", "used to live|work", "statement from|of the victim", "disclosure by|from|to",
        "a disclosure", "registered|agent source", "under caution told", "debriefing", "participating informant",
        "prison intelligence", "mailbox report",
    )  # fmt: skip
    techniques: tuple[str, ...] = (
        "product from|of _ device|probe|bug|room|vehicle|deployment",
        "audio captured|from|of|recorded|picked|has|shows|reveals",
        "device fitted|installed|planted|hidden|deployed|concealed", "prison phone|telephone call*",
        "calls from prison|his|custody|the wing|prison", "recorded call*|conversation*",
        "recording|recordings of|made|from|show*", "bugs", "wire", "undercover", "under cover officer*", "UCO", "U/C",
        "covert*", "surveillance", "observation post*", "static observation*", "foot|mobile follow", "intercept",
        "intercepts", "intercepted", "interception", "lawful intercept*", "listening device*", "listening post",
        "live listening", "recording device*", "bug in|inside|fitted|planted|under|placed", "bugged", "bugging",
        "wire tap*", "wiretap*", "tapped phone|telephone|line", "phone|telephone tap*",
        "probe fitted|deployed|installed|material|product|placed|in|inside|recording*|hidden|picked", "audio probe*",
        "vehicle probe*", "eavesdropping", "audio product",
        "technical product|coverage|attack|means|operation|deployment|equipment", "tracker", "trackers",
        "tracking device*", "tracking data", "live feed", "live audio|location|tracking|stream|data",
        "lifestyle surveillance", "surveillance log", "directed surveillance", "intrusive surveillance", "cell site",
        "cell mast|tower data|analysis|dump", "call data", "call records", "communications data", "comms data",
        "billing", "billing records|data", "itemised billing", "phone|telephone|call|mobile records|billing",
        "handset|phone|telephone|mobile|device|laptop download*|extraction*|examination",
        "downloaded from his|her|their|the phone|handset|telephone|device", "forensic download",
        "subscriber check*|data|details", "location data", "property interference", "test purchase*",
        "covert camera*", "hidden camera*|microphone*|device*",
        "microphone|microphones in|inside|hidden|fitted|picked|placed", "concealed camera*|microphone*|device*",
        "monitored call*|line*|account*|phone*|visit*",
        "monitoring of _ account*|phone*|line*|call*|mail|post|visits", "recorded prison call*",
        "prison call*|phone call*|mail monitoring", "PIN phone", "financial monitoring", "controlled delivery",
        "decoy", "online persona", "covert profile|account", "false persona", "infiltrat*", "under RIPA|RIPSA|IPA",
        "RIPA", "part III authority", "drone footage", "drone over", "wearing a wire", "body wire", "wired up",
        "beacon fitted|on", "GPS device|unit fitted|attached|on|placed|hidden", "lump on", "encrochat",
        "equipment interference", "mail intercept", "post intercept", "bank monitoring", "account monitoring",
        "suspicious activity report*", "SAR submitted",
    )  # fmt: skip
    source_exceptions: tuple[str, ...] = (
        "source of income|revenue|money|funds|cash|water|heat|power|light|supply|labour|wages|work|food",
        "source of the|his|her|their|its|a|all|these|those|most|cheap|income|profit|earnings", "source of",
        "sources of", "open source*", "power source*", "light source*", "heat source*", "water source*",
        "energy source*", "food source*", "fuel source*", "ignition source*", "source code",
        "source for|country|countries|material|materials|file", "income source*", "single source supplier",
        "to source", "can|could|will|would|may|might|must|helps|help|should|cannot|and|or|able source",
        "source|sources his|her|their|its|all|new|cheap|most|them|it|engines|boats",
        "source|sources dinghies|vehicles|vans|parts|labour|workers|lorries|tyres|stock|passports|outboards|life",
        "sources the|from", "he|she|they|who|which|it source|sources", "sourced", "sourcing", "data source",
        "resource*", "partner company|firm|agency|agencies|force|organisation",
        "partner companies|firms|organisations", "victim support", "victim of", "victims of", "witness box",
        "Jehovah's witness*", "witness signature*", "witness protection",
        "witness to the signature|tenancy|lease|will|deed", "bears|bear|bore witness", "as a witness",
        "witness line|space|field|section|name", "caller display|id|tune",
        "surveillance camera*|sign|notice|cctv|system|shop|equipment", "CCTV surveillance",
        "counter|anti surveillance", "surveillance conscious|aware", "anti intercept", "covert coat*",
        "anonymous looking|industrial|unit|building|van|white|grey|street|block|estate|office|warehouse|account*|profile*|sim|number*|wallet*|prepaid",
        "tracker mortgage|bar|app|fund", "fitness|package|parcel|order|delivery tracker", "ford probe",
        "bed|stag bug", "bug spray", "live feed store", "animal feed", "beacon hill|light|road",
        "confidential waste|shredding", "in confidence trick", "well placed for",
        "billing address|department|name|system|cycle|software", "decoy duck*", "under cover of",
        "undercover parking",
    )  # fmt: skip
    people: tuple[str, ...] = (
        "neighbour", "neighbours", "neighbor", "neighbors", "resident", "residents", "householder*", "occupier*",
        "homeowner*", "local", "locals", "villager*", "townsfolk", "islander*", "employee*", "worker", "workers",
        "colleague*", "co worker*", "coworker*", "workmate*", "landlord", "landlords", "landlady", "landladies",
        "tenant", "tenants", "subtenant*", "leaseholder*", "lodger*", "housemate*", "flatmate*", "roommate*",
        "room mate*", "bunkmate*", "classmate*", "schoolmate*", "schoolfriend*", "teammate*", "shipmate*",
        "squatter*", "shopkeeper*", "shop assistant*|worker*|keeper*|owner*",
        "shop|kitchen|bar|hotel|bank|school|hospital|airport|port|ferry|door staff",
        "counter|counter|office|agency|café|cafe|library|nursing|surgery|hostel|shelter staff",
        "terminal|harbour|marina|council|reception|security|warehouse|cleaning|catering|night|prison staff",
        "train|rail|station|garage|pharmacy|cabin|centre|club|casino|depot|supermarket staff", "staff at|in|from",
        "staff member*", "member|members of staff", "member|members of _ staff", "staff", "cleaner*", "chambermaid*",
        "receptionist*", "caretaker*", "concierge*", "janitor*", "housekeeper*", "porter", "porters", "night porter*",
        "maid", "maids", "partner", "partners", "wife", "wives", "husband", "husbands", "spouse*", "girlfriend",
        "girlfriends", "boyfriend", "boyfriends",
        "ex wife|husband|partner|girlfriend|boyfriend|employee|tenant|worker|driver|member|lodger|colleague",
        "former _", "ex", "brother", "brothers", "sister", "sisters", "sibling*", "cousin", "cousins", "father",
        "mother", "mum", "mam", "mom", "dad", "stepdad", "stepmum", "gran", "grandma", "grandad", "nan", "uncle",
        "uncles", "aunt", "aunts", "auntie", "son", "sons", "daughter", "daughters", "nephew", "nephews", "niece",
        "nieces", "relative", "relatives", "relation", "relations", "kin", "twin", "other half", "fiance", "fiancee",
        "fiancé", "fiancée", "lover", "lovers", "mistress", "widow", "widower", "stepfather", "stepmother", "stepson",
        "stepdaughter", "stepbrother", "stepsister", "half brother|sister", "grandfather", "grandmother", "grandson",
        "granddaughter", "in law", "in laws", "brother|sister|mother|father|son|daughter in law", "godfather",
        "godmother", "godson", "parent", "parents", "child", "children", "foster carer*|mother|father|parent|parents",
        "family member*", "member|members of _ family", "family of", "the|his|her family", "friend", "friends",
        "mate", "mates", "pal", "pals", "associate", "associates", "acquaintance*", "contact", "contacts",
        "confidant*", "prisoner*", "inmate*", "ex prisoner*", "nurse", "nurses", "doctor", "doctors", "gp", "gps",
        "surgeon*", "consultant*", "teacher", "teachers", "headteacher*", "head teacher", "headmaster",
        "headmistress", "head of year", "teaching assistant*", "tutor", "tutors", "lecturer*", "governor",
        "governors", "social worker*", "support worker*", "youth worker*", "outreach worker*", "case worker*",
        "caseworker*", "care worker*", "key worker*", "charity worker*", "aid worker*", "health worker*",
        "health visitor*", "hospital worker*", "faith leader*", "community leader*", "church leader*",
        "scout leader*", "youth leader*", "probation officer*", "prison officer*", "housing officer*",
        "council officer*", "welfare officer*", "education officer*", "attendance officer*", "licensing officer*",
        "environmental health officer*", "trading standards officer*", "safeguarding officer*|lead",
        "enforcement agent*", "council official*|worker*|employee*", "port official*|worker*|employee*",
        "union official*|rep|reps|representative*", "taxi driver*", "cab driver*", "cabbie*", "minicab driver*",
        "delivery driver*|rider*|man|boy", "bus driver*", "coach driver*", "train driver*", "tram driver*",
        "dog walker*", "dog owner*", "window cleaner*", "customer", "customers", "regular customer*", "punter*",
        "client", "clients", "guest", "guests", "diner", "diners", "farmer", "farmers", "farmhand*",
        "farm hand*|worker*", "farm manager*", "herdsman", "dairyman", "gamekeeper*", "ranger*", "beekeeper*",
        "shepherd*", "allotment holder*", "victim", "victims", "survivor*", "insider*", "someone", "somebody",
        "some one", "people nearby|living|locally|who", "those living|working", "councillor*", "mayor", "mp", "agent",
        "agents", "carer", "carers", "child minder*", "childminder*", "babysitter*", "nanny", "nannies", "au pair*",
        "midwife", "midwives", "paramedic*", "ambulance crew*|worker*", "pharmacist*", "chemist", "dentist*",
        "optician*", "physiotherapist*", "therapist*", "counsellor*", "psychologist*", "dietitian*", "priest",
        "priests", "vicar", "vicars", "imam", "imams", "pastor", "pastors", "rabbi", "rabbis", "chaplain*", "nun",
        "nuns", "monk", "monks", "churchwarden*", "verger*", "congregant*", "churchgoer*", "worshipper*",
        "parishioner*",
        "member|members of the congregation|parish|club|crew|group|public|choir|gym|union|community|team|organisation|gang",
        "pupil", "pupils", "student", "students", "schoolboy*", "schoolgirl*", "school friend*", "sixth former*",
        "apprentice*", "trainee*", "intern", "interns", "undergraduate*", "labourer*", "barmaid*", "barman", "barmen",
        "bartender*", "barista*", "waiter", "waiters", "waitress*", "chef", "chefs", "cook", "cooks",
        "kitchen porter*|hand*|assistant*|worker*", "dishwasher*", "bouncer*", "doorman", "doormen",
        "security guard*|officer*", "watchman", "watchmen", "warden", "wardens", "attendant*", "conductor*",
        "steward", "stewards", "stewardess*", "postman", "postmen", "postwoman", "postie", "postmaster",
        "postmistress", "postal worker*", "courier", "couriers", "bin man|men", "binman", "binmen",
        "refuse collector*", "meter reader*", "estate agent*", "letting agent*", "travel agent*", "bailiff*",
        "mechanic", "mechanics", "plumber*", "electrician*", "builder", "builders", "joiner*", "carpenter*",
        "bricklayer*", "plasterer*", "decorator*", "gardener*", "roofer*", "scaffolder*", "glazier*", "locksmith*",
        "surveyor*", "engineer", "engineers", "technician*", "nail technician*", "technicians", "contractor*",
        "subcontractor*", "inspector of", "hairdresser*", "barber", "barbers", "beautician*", "manicurist*",
        "masseuse*", "sex worker*", "escort", "escorts", "banker*",
        "bank clerk*|teller*|manager*|employee*|cashier*|worker*", "cashier*", "teller", "tellers", "clerk", "clerks",
        "secretary", "secretaries", "administrator*", "accountant*", "solicitor*", "lawyer*", "barrister*",
        "interpreter*", "translator*", "volunteer*", "trustee*", "campaigner*", "activist*", "journalist*",
        "reporter", "reporters", "blogger*", "researcher*", "photographer*", "team leader*", "line manager*",
        "shop steward", "foster", "publican*", "licensee", "bar owner", "innkeeper*", "hotelier*", "baker", "butcher",
        "grocer", "greengrocer*", "florist*", "newsagent*", "fishmonger*", "stallholder*", "market trader*", "trader",
        "traders", "vet", "vets", "zookeeper", "defector*", "deserter*", "employer", "employers", "head of _",
        "the community", "community member*",
        "gym|shop|pub|café|cafe|boat|garage|hotel|land|dog|home|stall|kiosk|salon owner*", "landowner*",
        "ship's captain|cook|master|mate|crew", "first mate", "captain", "bosun", "harbour pilot*", "crewman",
        "crewmen", "addict*", "drug user*", "patient", "patients", "milkman", "milkmen", "trawlerman", "trawlermen",
        "concerned citizen", "citizen", "citizens", "companion*", "passer", "sexworker*", "pensioner*", "sitter*",
        "ex serviceman", "veteran*", "rough sleeper*", "homeless man|woman|person|male", "beggar*", "busker*",
        "evangelist*", "missionary", "deacon", "curate", "elder", "sexton", "bishop", "caterer*", "jeweller*",
        "pawnbroker*", "tailor", "tailors", "seamstress*", "cobbler*", "optometrist*", "radiographer*",
        "phlebotomist*", "lab technician", "physio", "orderly", "health care assistant", "healthcare assistant*",
        "dental nurse*", "orthodontist*", "vet nurse", "user", "users", "regular", "regulars", "visitor", "visitors",
        "onlooker*", "bystander*", "observer*", "motorist*", "cyclist*", "biker", "bikers", "walker", "walkers",
        "jogger*", "runner nearby", "rambler*", "hiker*", "birdwatcher*", "bird watcher*", "swimmer*", "surfer*",
        "paddleboarder*", "kayaker*", "canoeist*", "rower*", "yachtsman", "yachtsmen", "yachtswoman", "sailor",
        "sailors", "camper", "campers", "holidaymaker*", "tourist*", "commuter*", "angler*", "fisherman", "fishermen",
        "boatman", "boatmen", "boat owner*", "harbourmaster*", "harbour master*", "lock keeper*", "coastguard",
        "lifeboatman", "lifeguard*", "docker*", "stevedore*", "port worker*", "dock worker*", "crane driver*",
        "forklift driver*", "crew member*",
        "fellow passenger*|worker*|traveller*|driver*|resident*|tenant*|picker*|employee*|student*|pupil*",
        "trucker*", "haulier", "hauliers", "despatcher*", "dispatcher*", "call handler*", "operator", "operators",
        "handyman", "odd job man", "shelf stacker*", "packer", "packers", "delivery company driver",
        "supermarket worker*", "car wash worker*", "old lady", "elderly man|woman|lady|couple|neighbour|resident",
        "lady|man|woman next door|opposite|upstairs", "girl at|in|from the", "lad from|at the",
    )  # fmt: skip
    persons: tuple[str, ...] = (
        "person", "persons", "people", "man", "men", "woman", "women", "individual", "individuals", "driver",
        "drivers", "lorry driver*", "van driver*", "hgv driver*", "truck driver*", "manager*", "deputy manager*",
        "manageress", "owner", "owners", "member", "members", "male", "males", "female", "females", "youth", "youths",
        "boy", "boys", "girl", "girls", "lad", "lads", "lass", "chap", "bloke", "blokes", "guy", "guys", "fella",
        "passenger*", "occupant*", "bookkeeper*", "lady", "ladies", "gentleman", "gentlemen", "teenager*", "adult*",
        "pensioner*", "retiree*", "couple", "pair", "group of _ women|men|people", "foreign national*", "national",
        "nationals", "detainee*", "arrival", "arrivals", "migrant*", "asylum seeker*", "refugee*", "traveller*",
        "juvenile*", "minor", "minors", "picker*", "recruit", "recruits", "tattooist", "supervisor*", "assistant",
        "assistants", "director", "directors", "boss", "bosses", "guard", "guards", "dealer*", "broker*", "middleman",
        "go between*", "fixer*", "skipper*", "deckhand*", "pilot", "pilots", "seller*", "buyer*", "supplier*",
        "regular at", "holder", "adviser*", "advisor*", "official", "officials", "representative*", "spokesman",
        "spokeswoman", "spokesperson", "party", "parties",
    )  # fmt: skip
    subjects: tuple[str, ...] = (
        "organiser*", "subject", "subjects", "suspect", "suspects", "driver", "drivers", "lorry driver*",
        "van driver*", "hgv driver*", "truck driver*", "gangmaster*", "foreman", "foremen", "ringleader*",
        "facilitator*", "smuggler*", "trafficker*", "exploiter*", "recruiter*", "enforcer*", "lookout*", "spotter*",
        "fixer*", "go between*", "middleman", "broker*", "dealer*", "seller*", "buyer*", "supplier*", "boss",
        "bosses", "manager*", "director", "directors", "owner", "owners", "skipper*", "pilot", "pilots", "minder",
        "minders", "money man", "leader", "leaders", "nominal", "nominals", "supervisor*", "handler", "handlers",
        "groomer", "pimp", "pimps", "madam", "bookkeeper*", "deckhand*", "runner", "runners", "forger*",
        "counterfeiter*", "controller", "controllers", "group", "gang", "network", "syndicate", "cell", "ring",
        "family", "families", "clan", "brothers", "couple", "pair", "company", "firm", "business",
    )  # fmt: skip
    insiders: tuple[str, ...] = (
        "him", "them", "themselves", "himself", "herself", "each other", "one another", "worker*", "picker*",
        "passenger*", "arrival*", "migrant*", "recruit*", "customer*", "client*", "tenant", "tenants", "guest*",
        "buyer*", "driver*", "men", "women", "girls", "boys", "lads", "victim", "victims", "staff", "employee*",
        "labourer*", "packer*", "crew", "traveller*", "group", "gang", "family", "families", "brother", "brothers",
        "cousin*", "uncle", "nephew*", "associate*", "interpreter", "others", "applicant*", "job seeker*", "haulier*",
        "dealer*", "seller*", "the rest", "everyone", "anyone", "lodger*", "people", "males", "females", "youngsters",
        "children", "new", "members",
    )  # fmt: skip
    organisations: tuple[str, ...] = (
        "school", "schools", "college", "academy", "nursery", "university", "charity", "charities", "hospital",
        "clinic", "surgery", "hospice", "bank", "building society", "church", "mosque", "temple", "parish", "chapel",
        "gurdwara", "ngo", "ngos", "helpline", "hotline", "refuge", "shelter", "food bank", "foodbank",
        "night shelter", "drop in", "union", "trade union", "library", "hostel", "hotel", "neighbourhood watch",
        "housing association", "care home", "letting agency", "financial institution*", "money service business*",
        "credit union", "social services", "children's services", "youth club", "support group", "outreach team",
        "casino", "post office", "pharmacy", "bookmaker", "courier firm", "haulage firm", "ferry company|operator",
        "airline", "taxi firm", "community group", "women's group", "jobcentre", "job centre",
        "money transfer office|shop", "council", "parish council", "local authority", "embassy", "consulate",
        "landlord's agent", "supermarket", "security company|firm",
    )  # fmt: skip
    helpers: tuple[str, ...] = (
        "police", "the police", "police officer*", "officer", "officers", "an officer", "police staff", "constable",
        "sergeant", "inspector", "detective*", "pcso*", "cid", "999", "101", "crimestoppers", "the authorities",
        "authorities", "social services", "children's services", "social worker*", "teacher*", "head of year",
        "school", "school staff", "nurse*", "doctor*", "gp", "midwife", "health visitor*", "paramedic*",
        "ambulance crew", "hospital", "hospital staff", "counsellor*", "support worker*", "key worker*",
        "youth worker*", "outreach worker*", "charity", "charities", "helpline", "hotline", "the council", "council",
        "housing officer*", "local authority", "border force", "immigration", "immigration officer*", "home office",
        "nca", "national crime agency", "hmrc", "glaa", "vicar", "priest", "imam", "pastor", "chaplain", "solicitor*",
        "port staff", "hotel staff", "bank staff", "airport staff", "station staff", "harbour staff", "security",
        "embassy", "consulate", "crew of", "control room", "front desk", "front counter", "the desk",
        "safeguarding lead", "prison staff", "prison officer*", "wing staff", "wing officer*", "councillor*",
        "trading standards", "coastguard", "call handler*", "operator", "enquiry office", "me", "us",
    )  # fmt: skip
    telling: tuple[str, ...] = (
        "say", "says", "said", "state", "states", "stated", "report", "reports", "reported", "describe", "describes",
        "described", "mention", "mentions", "mentioned", "claim", "claims", "claimed", "allege", "alleges", "alleged",
        "reveal", "reveals", "revealed", "explain", "explains", "explained", "complain", "complains", "complained",
        "recall", "recalls", "recalled", "believe", "believes", "believed", "hear", "hears", "heard", "see", "sees",
        "saw", "seen", "has|have|had seen|heard", "notice", "notices", "noticed", "observe", "observes", "observed",
        "witnessed", "add", "adds that", "added that", "confirm", "confirms", "confirmed", "comment", "comments",
        "commented", "remark", "remarks", "remarked", "hint", "hints", "hinted", "imply", "implies", "implied",
        "insist", "insists", "insisted", "swear", "swears", "swore that", "maintain|maintains|maintained that",
        "estimates", "estimated", "reckon", "reckons", "reckoned", "suspect", "suspects", "suspected", "think",
        "thinks", "thought", "feel|feels|felt that", "fear", "fears", "feared", "understand", "understands",
        "understood", "gather", "gathers that", "guesses", "assume", "assumes", "assumed", "assess", "assesses",
        "assessed", "indicate", "indicates", "indicated", "suggest", "suggests", "suggested", "whisper", "whispers",
        "whispered", "wonder|wonders|wondered whether|if|why|about", "estimate", "note", "notes", "noted", "relay",
        "relays", "relayed", "recount", "recounts", "recounted", "relate", "relates", "related that|how",
        "repeat|repeats|repeated that", "disclose", "discloses", "disclosed", "divulge*", "intimate", "intimates",
        "intimated", "name|names|named _ as", "names the|him|her|them", "named the|him|her|them", "identify",
        "identifies", "identified", "recognise", "recognises", "recognised", "remember", "remembers", "remembered",
        "spot", "spots", "spotted",
        "has|have|had watched|counted|filmed|photographed|recorded|overheard|witnessed|spotted|logged|tracked",
        "photographed", "filmed", "watched", "found", "finds", "discovered", "discovers", "leaked", "leaks",
        "clocked", "clocks", "timed", "glimpsed", "logged", "jotted", "snapped", "captured", "sensed", "tracked",
        "traced", "overhears", "eavesdropped", "witnessing", "got|get|gets in touch", "gotten in touch",
        "been in touch", "made|makes contact", "came|come|comes forward",
        "took _ photograph|photographs|picture|pictures|photo|photos|video|note", "took down",
        "has|have|had clocked|found|discovered|worked out|pieced", "counted",
        "rung|rang|called|phoned|dialled 101|999|police|crimestoppers", "rung|rang|phoned in|up", "drew up a",
        "caught sight", "catches sight", "came across", "can|could hear|see|smell", "smelt", "smelled", "smells",
        "learned|learnt that|of", "found out", "finds out", "knows that|of|where|who|how|the|him|about",
        "knew that|of|where|who|how", "has|have|had known", "let it be known", "let|lets slip", "let|lets on",
        "talk|talks|talked about|of", "speak|speaks|spoke of|about", "put|puts it|the|him|them|her", "puts the|him",
        "is|was|are|were of the view|opinion|belief", "is|was|are|were under the impression",
        "is|was|are|were in a position", "has|have|had doubts|suspicions|concerns|fears|worries",
        "has|have|had his|her|their suspicions|doubts|concerns",
        "grew|grown|grows|become|becomes|became|got|gets _ _ worried|concerned|suspicious|alarmed that|about|for|by|of|at|because|after|when|enough",
        "grew|grown|grows|become|becomes|became|got|gets _ _ troubled|uneasy|anxious|afraid|frightened that|about|for|by|of|at|because|after|when|enough",
        "is|are|was|were|been|growing|feels|felt _ _ worried|concerned|suspicious|alarmed that|about|for|by|of|at|because|after|when|enough",
        "is|are|was|were|been|growing|feels|felt _ _ troubled|uneasy|anxious|afraid|frightened that|about|for|by|of|at|because|after|when|enough",
        "grew|grown|grows|become|becomes|became|got|gets _ _ scared|convinced|certain|sure that|about|for|by|of|at|because|after|when|enough",
        "grew|grown|grows|become|becomes|became|got|gets _ _ adamant|aware|unhappy|upset|disturbed that|about|for|by|of|at|because|after|when|enough",
        "is|are|was|were|been|growing|feels|felt _ _ scared|convinced|certain|sure that|about|for|by|of|at|because|after|when|enough",
        "is|are|was|were|been|growing|feels|felt _ _ adamant|aware|unhappy|upset|disturbed that|about|for|by|of|at|because|after|when|enough",
        "suspicious of", "keep|keeps|kept a|an diary|log|note|record|list|tally of", "kept|keeps a diary|log",
        "pieced together", "worked out that", "came to believe", "come to believe", "admits|admitted that",
        "boasts that",
        "gave|gives|given|giving|feeding|leaking|leaked|passing _ _ information|details|account|description|statement|version|intelligence|evidence",
        "gave|gives|given|giving|feeding|leaking|leaked|passing _ _ name|names|address|addresses|list|registration|number|numbers|dates|times|location",
        "gave|gives|given|giving|feeding|leaking|leaked|passing _ _ photograph|photographs|photo|photos|picture|pictures|footage|video|videos|image|images",
        "gave|gives|given|giving|feeding|leaking|leaked|passing _ _ recording|recordings|screenshot|screenshots|message|messages|copy|copies|diary|log|notes",
        "provided|provides|provide|providing _ _ information|details|account|description|statement|version|intelligence|evidence",
        "provided|provides|provide|providing _ _ name|names|address|addresses|list|registration|number|numbers|dates|times|location",
        "provided|provides|provide|providing _ _ photograph|photographs|photo|photos|picture|pictures|footage|video|videos|image|images",
        "provided|provides|provide|providing _ _ recording|recordings|screenshot|screenshots|message|messages|copy|copies|diary|log|notes",
        "supplied|supplies|supplying _ _ information|details|account|description|statement|version|intelligence|evidence",
        "supplied|supplies|supplying _ _ name|names|address|addresses|list|registration|number|numbers|dates|times|location",
        "supplied|supplies|supplying _ _ photograph|photographs|photo|photos|picture|pictures|footage|video|videos|image|images",
        "supplied|supplies|supplying _ _ recording|recordings|screenshot|screenshots|message|messages|copy|copies|diary|log|notes",
        "forwarded|forwards|produced|produces _ _ information|details|account|description|statement|version|intelligence|evidence",
        "forwarded|forwards|produced|produces _ _ name|names|address|addresses|list|registration|number|numbers|dates|times|location",
        "forwarded|forwards|produced|produces _ _ photograph|photographs|photo|photos|picture|pictures|footage|video|videos|image|images",
        "forwarded|forwards|produced|produces _ _ recording|recordings|screenshot|screenshots|message|messages|copy|copies|diary|log|notes",
        "showed|shows|shared|shares _ _ information|details|account|description|statement|version|intelligence|evidence",
        "showed|shows|shared|shares _ _ name|names|address|addresses|list|registration|number|numbers|dates|times|location",
        "showed|shows|shared|shares _ _ photograph|photographs|photo|photos|picture|pictures|footage|video|videos|image|images",
        "showed|shows|shared|shares _ _ recording|recordings|screenshot|screenshots|message|messages|copy|copies|diary|log|notes",
        "submitted|submits|uploaded|sent|sends|handed over _ _ information|details|account|description|statement|version|intelligence|evidence",
        "submitted|submits|uploaded|sent|sends|handed over _ _ name|names|address|addresses|list|registration|number|numbers|dates|times|location",
        "submitted|submits|uploaded|sent|sends|handed over _ _ photograph|photographs|photo|photos|picture|pictures|footage|video|videos|image|images",
        "submitted|submits|uploaded|sent|sends|handed over _ _ recording|recordings|screenshot|screenshots|message|messages|copy|copies|diary|log|notes",
        "passed on|passes on|offered|offers _ _ information|details|account|description|statement|version|intelligence|evidence",
        "passed on|passes on|offered|offers _ _ name|names|address|addresses|list|registration|number|numbers|dates|times|location",
        "passed on|passes on|offered|offers _ _ photograph|photographs|photo|photos|picture|pictures|footage|video|videos|image|images",
        "passed on|passes on|offered|offers _ _ recording|recordings|screenshot|screenshots|message|messages|copy|copies|diary|log|notes",
        "volunteered", "volunteers that|the",
        "made|makes|making a report|complaint|call|statement|disclosure|comment|remark|reference|allegation",
        "says so", "hearsay", "came out with", "tells of", "told of", "telling",
        "is|are|was|were willing|prepared|ready|happy|able to talk|say|speak|help|assist|name|give|identify|describe|confirm",
        "can|could|will|would|may|might name|identify|describe|confirm|vouch|tell", "has|have offered to",
        "got word|wind", "gets wind", "pass|passes|passed word",
        "raised|raises|raising _ _ concern|concerns|suspicions|alarm|fears|worries|matter|query",
        "raised|raises the alarm|matter|issue",
        "express|expresses|expressed|voiced|voices|voice _ concern*|worr*|fear*|unease|suspicion*|alarm",
        "pointed|points _ _ out", "pointed out|to", "drew|draws attention", "draws|drew _ attention to",
        "bore|bears out", "posted online|on|that", "posts online", "blogs", "tweeted", "asked not", "refers to|spoke",
        "refer to", "referred to", "makes mention", "stumbled on|across|upon", "can tell", "could tell", "attributes",
        "attributed", "suspecting", "describing", "saying", "stating", "claiming", "reporting", "alleging",
        "believing", "seeing", "hearing", "noticing", "complaining", "explaining", "adding that", "confirming",
        "mentioning", "naming", "warning of|that", "reckoning", "fearing", "thinking",
    )  # fmt: skip
    telling_someone: tuple[str, ...] = (
        "tell", "tells", "told", "inform", "informs", "informed", "advise", "advises", "advised", "warn", "warns",
        "warned", "alert", "alerts", "alerted", "notify", "notifies", "notified", "contact", "contacts", "contacted",
        "phone", "phones", "phoned", "telephone", "telephoned", "rang", "rings", "ring", "text", "texted", "texts",
        "email", "emails", "emailed", "messaged", "messages", "approach", "approached", "approaches",
        "write|writes|wrote|written to", "speak|speaks|spoke|spoken to|with", "talk|talks|talked to|with",
        "confide|confides|confided in|to", "complained|complains|complain to",
        "say|says|said|mentioned|mentions|reported|reports|explained|disclosed|admitted|described|revealed|hinted|indicated|suggested|remarked|commented _ to",
        "went|goes|gone to|with", "turned to", "turns to", "showed", "shows", "handed", "hands", "gave", "gives",
        "sent", "sends", "passed _ _ to", "passes _ _ to", "assured", "reminded", "telling", "informing", "alerting",
        "contacting", "gave in", "called", "called out to", "asked",
    )  # fmt: skip
    passing_on: tuple[str, ...] = (
        "raise|raises|raised _ _ concern|concerns|suspicions|alarm|fears|worries",
        "raised|raises the alarm|matter|issue", "raised|raises a safeguarding", "flag", "flags", "flagged _ up",
        "flagged", "flagging", "passed|passes|pass on", "passed|passes _ _ on",
        "passed|passes _ _ to police|officers", "report", "reports that|a", "reported",
        "refer|refers|referred _ _ to", "made|makes|make _ _ referral|report|complaint|call|disclosure",
        "got|gets|get in touch", "got _ _ out", "been in touch", "in touch to", "made|makes contact",
        "rang in|up|off|from", "rings in", "called|calls in|up", "phoned|phones in|up", "got through", "gets through",
        "wrote in|anonymously",
        "walked|walks|came|comes|called into|to|at _ police|front|enquiry station|desk|counter|office",
        "came to the front|police|station", "come to notice", "called|calls|ring|rings|rang|phoned|phones the police",
        "called|calls|ring|rings|rang|phoned|phones police|999|101|crimestoppers", "let|lets officers|police know",
        "sent _ police|officers", "handed _ officers|police", "notice", "noticed", "alerted", "disclosed",
        "expressed|expresses|voiced|voices _ concern*|worr*|unease", "says|said|states|stated that", "tell us",
        "submitted|submits|completed|filled _ report|referral|form|sar", "logged a|with",
        "is|are|was|were|been|become|grown|became worried|concerned|suspicious|alarmed|uneasy|anxious that|about|for|by|of",
        "writes|wrote in", "described", "describes", "confirmed that", "handed in", "hands in", "got word",
        "posted _ online", "complained", "complains", "mentioned", "mentions", "saw", "seen",
        "has|have|had seen|watched|heard", "overheard", "spotted", "counted", "identified", "recognised", "emailed",
        "texted", "messaged",
    )  # fmt: skip
    papers: tuple[str, ...] = (
        "record*", "document*", "ledger*", "ticket*", "manifest*", "booking*", "log", "logs", "logbook*", "book",
        "books", "receipt*", "invoice*", "register", "registers", "database*", "system*", "data", "website*",
        "timetable*", "label*", "passport*", "papers", "paperwork", "contract*", "note", "notes", "map", "maps",
        "sign", "signs", "tachograph*", "satnav", "report", "reports", "research", "companies house", "land registry",
        "electoral roll|register", "dvla", "pnc", "pnd", "anpr", "cctv", "footage", "camera*", "statement*",
        "bank statement*|record*", "police check*|record*|system*", "checks", "check on|of", "enquiries with",
        "enquiries", "analysis", "open source", "open sources", "social media", "facebook", "instagram", "tiktok",
        "whatsapp", "telegram", "agreement*", "notice", "notices", "poster*", "advert*", "lease*", "certificate*",
        "form", "forms", "computer*", "letter from the", "list", "lists", "order*", "number*", "paper*", "newspaper*",
        "container*", "trailer*", "printer*", "scanner*", "router*", "sticker*", "folder*", "counter", "meter*",
        "sensor*", "locker*", "corner*", "border*", "government", "department*", "court", "ministry", "agency",
        "bill", "bills", "file", "files", "spreadsheet*", "rota", "rotas", "roster*", "diary", "diaries", "calendar",
        "photograph*", "photo", "photos", "screenshot*", "screen", "screens", "site", "app", "apps", "payslip*",
        "bank", "hmrc", "council tax", "licence*", "licensing", "insurance", "mot", "plans", "planning", "tenancy",
        "deed*", "forecast", "shipping", "seal", "tag", "tags", "instructions", "schedule", "price list", "menu",
        "till", "sat nav", "the law", "custom", "plan", "plan for",
        "partner company|firm|agency|agencies|force|organisation|companies|firms|organisations",
    )  # fmt: skip
    referring_back: tuple[str, ...] = (
        "source", "caller", "informant", "witness", "person", "contact", "chis", "complainant", "informer",
        "neighbour", "resident", "victim", "same",
    )  # fmt: skip
    uniqueness: tuple[str, ...] = (
        "last person to", "known|available|visible only to", "only known|shown|told|available|visible to",
        "known to only|just|few", "known to {few} _ _ {person}|of", "known to v few",
        "few people|others|are know|knew|aware", "he|she|who|and alone know|knows|knew|has|had|holds|held|can|could",
        "told|shown|given|said|mentioned|whispered to him|her|them alone", "him|her|them alone", "he|she alone",
        "alone with", "alone together", "were alone", "just|only the two|three|pair of them|us|these|those",
        "the two of them only|alone", "in private", "privately", "one to one", "one on one", "told only", "only told",
        "shown only", "between the two|three of", "between them alone", "between themselves",
        "no|not more than {few} _ {person}", "fewer|less than {few} _ {person} know*|knew|are|were",
        "{few} _ {person} at most", "{few} at most", "the two|three of them|us were|are|was alone|on",
        "people at most", "{few} people|others in|on the know|secret|plan|group", "uniquely placed",
        "solely known|told|shown|held", "exclusively known|told|shown|held", "shared with nobody|no|only|just",
        "shared only with", "unknown to anyone|everyone|all|the|others else|but|others|rest|other",
        "unknown to everybody|anybody else", "strict|strictest|total|complete|absolute confidence",
        "kept|keeps|keeping it|this to himself|herself|themselves",
        "kept|keeps|keeping _ _ _ to himself|herself|themselves", "the others|rest do|did|does not know",
        "the others|rest knew|know nothing", "none of the others|rest know|knew|were|was|is|are", "nobody|none else",
        "no one else", "never told anyone|anybody|another", "told nobody|no|none one", "told nobody", "told no one",
        "tells nobody", "not told anyone|anybody", "not told a soul", "a soul", "confided only|solely",
        "entrusted to|only", "entrusted with", "trusts only|nobody", "trusted only", "in only|just",
        "few people|others know|knew|have|had", "one|two|three|some of the few", "one of only|just",
        "one of {few} _ {person} who|with|to|aware", "one of two|three _ {person}", "face to face",
        "when they were alone", "while they were alone", "a conversation of|between two",
        "only he|she|they|him|her and|know*|knew|has|had", "only _ and _ know|knew|knows|were", "limited to {few}",
        "restricted to {few}", "by {few} _ {person} only",
        "only the|his|her|their _ and _ _ have|has|had|know|knows|knew|saw|see|heard", "just one other",
        "just one|two other|others", "with only one|two other", "the only one|ones",
        "the only two|three|four _ _ who|to|with|present|in|there|know|knew", "only one|two|three other|others",
        "only one of them|these|those|the", "need to know",
        "closed|tight|close|inner|small|tiny|trusted|select circle|few|handful", "small group of", "close knit",
        "out of earshot", "out of hearing", "within earshot", "behind closed doors", "no witnesses",
        "without witnesses", "without anyone|anybody else", "no other person", "no third person|party",
        "nobody|none|no to hear", "out of the hearing", "select few", "privy to", "only a handful", "a mere",
        "no more than a handful", "sworn to secrecy", "secret from|between|of", "outside _ circle|family|group",
        "only|solely|exclusively given|shown|disclosed|revealed|shared|sent|entrusted|passed to|with",
        "sole witness|keyholder|confidant*|key", "sole _ with|who|to know|have", "only witness|keyholder*|confidant*",
        "only survivor", "lone witness", "nobody|none other than|apart",
        "no one other|apart|besides|but|except|save|bar", "nobody|none but|except|besides|save|bar|apart",
    )  # fmt: skip
    few: tuple[str, ...] = (
        "one", "two", "three", "four", "1", "2", "3", "4", "a few", "a handful of", "very few", "a couple of",
        "a single", "a pair of", "half a dozen", "the two", "v few", "one or two", "two or three", "few",
    )  # fmt: skip
    ranks: tuple[str, ...] = (
        "police constable", "detective constable", "special constable", "detective sergeant", "police sergeant",
        "custody sergeant", "detective inspector", "detective chief inspector", "detective superintendent",
        "detective chief superintendent", "chief inspector", "chief superintendent", "superintendent",
        "chief constable", "assistant|deputy chief constable", "constable", "sergeant", "inspector", "commander",
        "chief immigration officer", "immigration officer", "border force officer",
        "border force higher|senior|assistant officer", "higher officer", "senior officer", "custody officer",
        "intelligence officer", "reporting officer", "community support officer", "police community support officer",
        "officer", "police officer", "customs officer", "revenue officer", "nca officer", "hmrc officer",
        "home office officer", "housing officer", "council officer", "probation officer", "prison officer",
        "licensing officer", "trading standards officer", "safeguarding officer", "det con", "det sgt", "det insp",
        "det supt", "det chief insp", "det chief supt", "det", "detective sgt|insp|con|supt|chief", "ch insp",
        "ch supt", "chief insp|supt", "police con", "temporary _ inspector|sergeant|superintendent|constable",
        "acting _ inspector|sergeant|superintendent|constable", "border force", "chief officer", "case officer",
        "handler", "source handler", "controller", "detective", "enforcement officer", "liaison officer",
        "family liaison officer", "neighbourhood officer", "beat manager", "response officer",
        "special inspector|sergeant", "investigating officer", "arresting officer", "duty inspector|sergeant|officer",
        "station sergeant", "custody inspector", "investigator", "financial investigator", "intelligence analyst",
        "analyst", "crime scene investigator", "scenes of crime officer", "field intelligence officer",
        "force intelligence officer", "desk officer", "supervising officer", "interviewing officer",
        "civilian investigator", "staff officer", "traffic officer", "firearms officer", "dog handler",
        "marine officer", "patrol sergeant", "patrol officer",
    )  # fmt: skip
    short_ranks: tuple[str, ...] = (
        "PC", "WPC", "PS", "DC", "WDC", "DS", "DI", "DCI", "DSU", "DCS", "TDC", "TPC", "PCSO", "SPC", "CIO", "IO",
        "HIO", "BFO", "HEO", "SEO", "EO", "AO", "FIO", "LIO", "Sgt", "Insp", "Supt", "Ch Insp", "Ch Supt", "Con",
        "Const", "Cst", "ACC", "TDS", "TPS", "TDI", "TDCI", "APS", "ADS", "ADI", "T/DS", "A/DS", "SIO", "OIC", "FLO",
        "CSI", "SOCO", "DCC", "CC", "SGT", "INSP", "SUPT", "CINSP", "C/Insp", "Ch/Insp", "C/Supt", "D/Sgt", "D/Con",
        "D/Insp", "D/Supt", "DSGT", "DCON", "SC", "CSU", "Det",
    )  # fmt: skip
    not_names: tuple[str, ...] = (
        "Safety", "World", "Country", "General", "Report", "Reports", "Statement", "Norfolk", "Suffolk", "Essex",
        "Kent", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "The",
        "This", "That", "On", "In", "At", "And", "Or", "Of", "To", "From", "With", "Was", "Were", "Is", "Are", "Has",
        "Had", "Have", "Who", "When", "As", "A", "An", "For", "By", "He", "She", "They", "I", "We", "It", "Will",
        "Name", "Number", "No", "Attended", "Arrested", "Stopped", "Said", "Stated", "Could", "Would", "Did", "Not",
        "Remained", "Saw", "Then", "Police", "Constabulary", "Comics", "Motor", "Motors", "Specialist", "Gaming",
        "Game", "Games", "Console", "Controller", "Repairs", "Repair", "Shop", "Store", "Tower", "Monitor", "Laptop",
        "Morse", "Mess", "Club", "Smith Packaging", "Officers", "Officer", "Training", "Team", "Unit", "Office",
        "Headquarters", "Hub", "Intelligence", "Immigration", "Detective", "Crossback", "Automobiles", "Supply",
        "Power", "Volt", "Cars", "Haulage", "Logistics", "Transport", "Ltd", "Limited", "Plc", "Group", "Arms",
        "Road", "Street", "Lane", "Way", "Close", "Avenue", "Drive", "Court", "House", "Inn", "Tavern", "Hotel",
        "Farm", "Wharf", "Quay", "Yard", "Gardens", "Terrace", "Place", "Square", "Crescent", "Park", "Gate", "Hill",
        "Green", "Industrial",
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
