"""How strong a passphrase is, in words, and three words to start one from."""

import secrets
from dataclasses import dataclass
from functools import lru_cache

from oicdesk import paths

# Powers of ten of guesses. The key derivation allows some ten guesses a second on one machine.
_WEAK, _FAIR, _STRONG = 8.0, 11.0, 16.0


@dataclass(frozen=True)
class Strength:
    """`state` is a state of the theme, `word` its word, `sentence` what to do; `share` fills a bar (0 to 1)."""

    state: str
    word: str
    sentence: str
    share: float
    is_enough: bool


def judge(passphrase: str, known: list[str] | None = None) -> Strength:
    """Judge a passphrase; `known` are words an attacker would try first, such as the user's name."""
    if not passphrase:
        return Strength("neutral", "Empty", "Three or four unrelated words are strong and easy to remember.", 0, False)
    from zxcvbn_rs_py import zxcvbn

    # Beyond 100 characters the estimate only costs time.
    power = float(zxcvbn(passphrase[:100], [*(known or []), "oicdesk"]).guesses_log10)
    share = min(1.0, power / 18)
    if len(passphrase.strip()) < 12:
        sentence = "Too short: use at least 12 characters, for example three or four unrelated words."
        return Strength("problem", "Too short", sentence, min(share, 0.3), False)
    if power < _WEAK:
        return Strength(
            "problem", "Weak", "Easy to guess: add a word that has nothing to do with the rest.", share, False
        )
    if power < _FAIR:
        return Strength("warning", "Fair", "One more unrelated word would make it strong.", share, True)
    if power < _STRONG:
        return Strength("good", "Strong", "Good. A fourth unrelated word makes it stronger still.", share, True)
    return Strength("good", "Very strong", "Hard to guess even with a great deal of computing.", share, True)


def suggestion() -> str:
    """Three random words; with the words of the list about 37 bits, a start to which a fourth may be added."""
    words = _words()
    return " ".join(secrets.choice(words) for _ in range(3))


@lru_cache(maxsize=1)
def _words() -> tuple[str, ...]:
    text = (paths.resources() / "words.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))
