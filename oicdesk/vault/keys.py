"""The ways in: one random data key, wrapped once for each passphrase and once for the recovery key.

`keys.json` holds only wrapped keys (AES-256-GCM under an Argon2id key) and the numbers needed to unwrap
them. Names of users are not in it: a slot is found by a salted hash of the name, or by trying.
"""

import base64
import contextlib
import hashlib
import json
import os
import re
import secrets
import unicodedata
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from oicdesk.errors import DamagedSlots, Refused, VaultError

FILE = "keys.json"
PREVIOUS = "keys.json.previous"
STRENGTHS_MIB = (64, 128, 256)
SHORTEST_PASSPHRASE = 12
_MOST_MEMORY_KIB = 4 * 1024 * 1024

# The checksum stands at a fixed place at the end, so that every byte before and after it is covered.
_CHECKSUM = '\n"sha256": "'
_END = '"}\n'


@dataclass(frozen=True)
class Kdf:
    """Argon2id parameters (RFC 9106): memory in KiB, passes, lanes."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4

    def key(self, secret: bytes, salt: bytes) -> bytes:
        """The 256-bit key that `secret` gives with `salt`."""
        return hash_secret_raw(secret, salt, self.passes, self.memory_kib, self.lanes, 32, type=Type.ID, version=19)


@dataclass(frozen=True)
class Slot:
    """One way in: the data key wrapped under one secret."""

    id: str
    kind: str  # "passphrase" or "recovery"
    name_hash: str
    salt: str
    memory_kib: int
    passes: int
    lanes: int
    nonce: str
    wrapped: str = ""

    @property
    def kdf(self) -> Kdf:
        return Kdf(self.memory_kib, self.passes, self.lanes)

    def is_of(self, user: str) -> bool:
        """Whether this slot belongs to the user of that name."""
        return secrets.compare_digest(self.name_hash, _name_hash(user, self.salt))


@dataclass(frozen=True)
class Slots:
    """The contents of `keys.json`."""

    vault_id: str
    strength_mib: int
    slots: tuple[Slot, ...] = field(default=())

    def with_slot(self, slot: Slot) -> "Slots":
        """These slots with `slot` put in place of the one with its id, or added."""
        return replace(self, slots=(*(s for s in self.slots if s.id != slot.id), slot))

    def without(self, slot_id: str) -> "Slots":
        return replace(self, slots=tuple(s for s in self.slots if s.id != slot_id))


def _name_hash(user: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}:{user.strip().casefold()}".encode()).hexdigest()


def _associated(slot: Slot, vault_id: str) -> bytes:
    """All that GCM authenticates beside the key: nobody can weaken a slot or move it to another vault."""
    facts = asdict(replace(slot, wrapped="")) | {"vault": vault_id}
    return json.dumps(facts, sort_keys=True).encode()


def check_passphrase(passphrase: str) -> None:
    """Refuse a passphrase too short to protect the desk."""
    if len(passphrase.strip()) < SHORTEST_PASSPHRASE:
        raise Refused(
            f"The passphrase is too short to protect the desk: use at least {SHORTEST_PASSPHRASE} characters,"
            " for example three or four unrelated words.",
            field="passphrase",
        )


def wrap(
    data_key: bytes,
    secret: str,
    *,
    kind: str,
    user: str,
    vault_id: str,
    kdf: Kdf,
    slot_id: str | None = None,
) -> Slot:
    """A new slot that opens to `data_key` with `secret`."""
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    slot = Slot(
        id=slot_id or secrets.token_hex(8),
        kind=kind,
        name_hash=_name_hash(user, salt.hex()),
        salt=salt.hex(),
        memory_kib=kdf.memory_kib,
        passes=kdf.passes,
        lanes=kdf.lanes,
        nonce=nonce.hex(),
    )
    key = kdf.key(_secret_bytes(kind, secret), salt)
    wrapped = AESGCM(key).encrypt(nonce, data_key, _associated(slot, vault_id))
    return replace(slot, wrapped=wrapped.hex())


def unwrap(slots: Slots, secret: str, user: str | None = None) -> tuple[bytes, Slot] | None:
    """The data key and the slot that `secret` opens, or None. With `user`, only that user's slots are tried."""
    recovery = is_recovery_key(secret)
    for slot in slots.slots:
        if user is not None and slot.kind == "passphrase" and not slot.is_of(user):
            continue
        if slot.kind == "recovery" and not recovery:
            continue
        try:
            key = slot.kdf.key(_secret_bytes(slot.kind, secret), bytes.fromhex(slot.salt))
            data_key = AESGCM(key).decrypt(
                bytes.fromhex(slot.nonce), bytes.fromhex(slot.wrapped), _associated(slot, slots.vault_id)
            )
        except InvalidTag:
            continue
        return data_key, slot
    return None


def _secret_bytes(kind: str, secret: str) -> bytes:
    # The same letters typed on another keyboard or system may come composed otherwise.
    plain = _plain_recovery(secret) if kind == "recovery" else unicodedata.normalize("NFC", secret)
    return plain.encode("utf-8", "surrogatepass")


# --- the recovery key: 160 random bits and a checksum, in nine groups of four ---

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_FROM_RFC = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _ALPHABET)


def new_recovery_key() -> str:
    """A fresh recovery key as it is printed: nine groups of four, the last one a checksum."""
    body = base64.b32encode(secrets.token_bytes(20)).decode().translate(_FROM_RFC)
    text = body + _recovery_check(body)
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))


def is_recovery_key(text: str) -> bool:
    """Whether `text`, typed in any case and grouping, is a whole recovery key without a slip of the keys."""
    plain = _plain_recovery(text)
    return len(plain) == 36 and plain[32:] == _recovery_check(plain[:32])


def same_recovery_key(typed: str, shown: str) -> bool:
    """Whether what was typed back is the key that was shown."""
    return secrets.compare_digest(_plain_recovery(typed).encode(), _plain_recovery(shown).encode())


def _plain_recovery(text: str) -> str:
    upper = text.upper().replace("O", "0").replace("I", "1").replace("L", "1")
    return "".join(c for c in upper if c in _ALPHABET)


def _recovery_check(body: str) -> str:
    number = int.from_bytes(hashlib.sha256(body.encode()).digest()[:4], "big")
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in (0, 5, 10, 15))


# --- the file ---


def read(folder: Path, *, previous: bool = False) -> Slots:
    """The slots of the vault in `folder`.

    Raises DamagedSlots if the file is not, byte for byte, what was written.
    """
    path = folder / (PREVIOUS if previous else FILE)
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise DamagedSlots(
            f"The key file of this vault ({path.name}) is missing, so no passphrase can open it:"
            " restore the vault from a backup file, which carries its own copy of the keys."
        ) from None
    except OSError as error:
        raise VaultError(
            f"The key file of this vault cannot be read ({error.strerror}): check the folder's permissions."
        ) from error
    return parse(raw, path.name)


def spare_is_equal(folder: Path) -> bool:
    """Whether the spare copy is the same as the key file; a program killed between the two leaves it behind."""
    try:
        return (folder / FILE).read_bytes() == (folder / PREVIOUS).read_bytes()
    except OSError:
        return False


def parse(raw: bytes, name: str = FILE) -> Slots:
    """Slots from the bytes of a key file; raises DamagedSlots."""
    damaged = DamagedSlots(
        f"The key file of this vault ({name}) is damaged, so the passphrase was not tried:"
        " open with the previous key file, or restore from a backup file."
    )
    match = re.fullmatch(
        re.escape(_CHECKSUM.encode()) + b"([0-9a-f]{64})" + re.escape(_END.encode()),
        raw[-len(_CHECKSUM) - 64 - len(_END) :],
    )
    body = raw[: -len(_CHECKSUM) - 64 - len(_END)]
    if match is None or hashlib.sha256(body).hexdigest().encode() != match.group(1):
        raise damaged
    try:
        facts: dict[str, Any] = json.loads(raw)
        slots = tuple(_sound(Slot(**slot)) for slot in facts["slots"])
        return Slots(str(facts["vault_id"]), int(facts["strength_mib"]), slots)
    except (ValueError, KeyError, TypeError):
        raise damaged from None


def _sound(slot: Slot) -> Slot:
    """`slot`, if its numbers can be worked with; a checksum can be right over nonsense. Raises ValueError."""
    for text, length in ((slot.salt, 16), (slot.nonce, 12), (slot.wrapped, 48)):
        if len(bytes.fromhex(text)) != length:
            raise ValueError("not the length that was written")
    if not (
        8 * slot.lanes <= slot.memory_kib <= _MOST_MEMORY_KIB and 1 <= slot.passes <= 100 and 1 <= slot.lanes <= 64
    ):
        raise ValueError("not a cost that was written")
    return slot


def render(slots: Slots) -> bytes:
    """The bytes of a key file: JSON whose last member is the SHA-256 of everything before it."""
    facts = {
        "format": 1,
        "vault_id": slots.vault_id,
        "strength_mib": slots.strength_mib,
        "slots": [asdict(slot) for slot in slots.slots],
    }
    body = json.dumps(facts, indent=1)[:-2] + ","
    return f"{body}{_CHECKSUM}{hashlib.sha256(body.encode()).hexdigest()}{_END}".encode()


def write(folder: Path, slots: Slots) -> None:
    """Put `slots` in place: the old file stays until the new one is whole on the disk.

    Afterwards the spare copy is made equal, so that a passphrase taken out of use opens neither.
    """
    for name in (FILE, PREVIOUS):
        put(folder / name, render(slots))


def put(path: Path, content: bytes) -> None:
    """Write a small private file by temp file, fsync and rename; on failure the old file stays."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise VaultError(
            f"The file {path.name} could not be written ({error.strerror}); the old one is untouched:"
            " free some space or check the folder's permissions, then try again."
        ) from error


def sync_folder(folder: Path) -> None:
    """Make a rename durable where the system lets a folder be synced."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
