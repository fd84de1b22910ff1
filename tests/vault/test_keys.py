"""The ways in: slots, the recovery key, the key file, users and the cost of a guess."""

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oicdesk.errors import DamagedSlots, Refused, VaultError, WrongPassphrase
from oicdesk.vault import keys
from oicdesk.vault.keys import Kdf, Slots, unwrap, wrap
from oicdesk.vault.vault import APPROVER, OFFICER, VIEWER, Vault
from tests.makers import CHEAP, PASSPHRASE, USER
from tests.vault.folders import contents, raw, times

OTHER = "saddle compass orchard"
DATA_KEY = bytes(range(32))


def slots_of(*secrets: tuple[str, str]) -> Slots:
    made = [
        wrap(DATA_KEY, secret, kind=kind, user=f"user {number}", vault_id="v", kdf=CHEAP)
        for number, (kind, secret) in enumerate(secrets)
    ]
    return Slots("v", 0, tuple(made))


# --- slots ---


def test_a_slot_opens_with_its_own_secret_only():
    slots = slots_of(("passphrase", PASSPHRASE), ("passphrase", OTHER))
    for number, secret in enumerate((PASSPHRASE, OTHER)):
        key, slot = unwrap(slots, secret)
        assert (key, slot) == (DATA_KEY, slots.slots[number])
    assert unwrap(slots, PASSPHRASE + " ") is None
    assert unwrap(slots, PASSPHRASE.upper()) is None
    assert unwrap(slots, "") is None


def test_with_a_user_named_only_that_users_slot_is_tried():
    slots = slots_of(("passphrase", PASSPHRASE), ("passphrase", OTHER))
    assert unwrap(slots, OTHER, "user 1") is not None
    assert unwrap(slots, OTHER, " USER 1 ") is not None
    assert unwrap(slots, OTHER, "user 0") is None
    assert unwrap(slots, OTHER, "nobody") is None


@pytest.mark.parametrize(
    "change",
    [
        {"memory_kib": 16}, {"passes": 2}, {"id": "0" * 16}, {"kind": "recovery"}, {"name_hash": "0" * 64},
        {"salt": "00" * 16}, {"nonce": "00" * 12}, {"wrapped": "00" * 48},
    ],
)  # fmt: skip
def test_a_slot_with_any_part_changed_opens_nothing(change):
    slots = slots_of(("passphrase", PASSPHRASE))
    assert unwrap(replace(slots, slots=(replace(slots.slots[0], **change),)), PASSPHRASE) is None


def test_a_slot_moved_to_another_vault_opens_nothing():
    assert unwrap(replace(slots_of(("passphrase", PASSPHRASE)), vault_id="other"), PASSPHRASE) is None


def test_the_same_letters_composed_otherwise_open_the_slot():
    slots = slots_of(("passphrase", "caf\u00e9 lantern violin"))
    assert unwrap(slots, "cafe\u0301 lantern violin") is not None


def test_a_passphrase_with_half_a_letter_is_wrong_not_a_crash():
    assert unwrap(slots_of(("passphrase", PASSPHRASE)), "tractor \udce9 violin") is None


@pytest.mark.parametrize("short", ["", "elevenchars", "            ", "   short    "])
def test_a_short_passphrase_is_refused(short):
    with pytest.raises(Refused, match="too short") as refused:
        keys.check_passphrase(short)
    assert refused.value.field == "passphrase"


def test_a_passphrase_of_twelve_characters_is_taken():
    keys.check_passphrase("twelve chars")


# --- the recovery key ---


def test_a_recovery_key_is_nine_groups_of_four_without_letters_that_look_alike():
    for _ in range(50):
        key = keys.new_recovery_key()
        groups = key.split("-")
        assert [len(group) for group in groups] == [4] * 9
        assert not set("".join(groups)) & set("ILOU")
        assert keys.is_recovery_key(key)


def test_two_recovery_keys_are_never_the_same():
    assert len({keys.new_recovery_key() for _ in range(200)}) == 200


@given(st.integers(0, 35), st.integers(1, 31))
def test_one_mistyped_letter_of_a_recovery_key_is_noticed(place, step):
    plain = keys.new_recovery_key().replace("-", "")
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    wrong = alphabet[(alphabet.index(plain[place]) + step) % 32]
    # A slip in the body has one chance in 2**20 to meet its checksum; the checksum's own letters have none.
    assert not keys.is_recovery_key(plain[:place] + wrong + plain[place + 1 :])


@given(st.integers(0, 34))
def test_two_letters_of_a_recovery_key_typed_in_the_wrong_order_are_noticed(place):
    plain = keys.new_recovery_key().replace("-", "")
    swapped = plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]
    assert keys.is_recovery_key(swapped) == (swapped == plain)


def test_a_recovery_key_with_a_letter_missing_or_too_many_is_noticed():
    key = keys.new_recovery_key()
    for slip in (key[:-1], key[1:], key + "0", key + key, key[:10] + key[11:]):
        assert keys.is_recovery_key(slip) == (slip.replace("-", "") == key.replace("-", ""))


@pytest.mark.parametrize(
    "typed",
    [
        lambda key: key.lower(),
        lambda key: key.replace("-", ""),
        lambda key: key.replace("-", " "),
        lambda key: f"  {key}\n",
        lambda key: key.replace("0", "O").replace("1", "l"),
        lambda key: key.replace("0", "o").replace("1", "I"),
    ],
)
def test_a_recovery_key_is_known_in_any_dress(typed):
    key = keys.new_recovery_key()
    slots = slots_of(("recovery", key))
    assert keys.same_recovery_key(typed(key), key)
    assert unwrap(slots, typed(key))[0] == DATA_KEY


def test_another_recovery_key_is_not_the_same():
    assert not keys.same_recovery_key(keys.new_recovery_key(), keys.new_recovery_key())


def test_the_recovery_key_opens_and_the_log_says_so(vault, path, open_vault):
    key = vault.replace_recovery_key(PASSPHRASE)
    vault.close()
    opened = open_vault(key.lower().replace("-", " "))
    assert (opened.user.name, opened.user.role) == ("Recovery key", OFFICER)
    assert "opened with the recovery key" in details(opened)
    assert [user.name for user in opened.users()] == [USER]


def details(vault: Vault) -> list[str]:
    connection = raw(vault)
    try:
        return [row[0] for row in connection.execute("SELECT detail FROM activity ORDER BY id")]
    finally:
        connection.close()


def test_an_old_recovery_key_opens_nothing_after_a_new_one_was_made(vault, open_vault):
    old = vault.replace_recovery_key(PASSPHRASE)
    new = vault.replace_recovery_key(PASSPHRASE)
    vault.close()
    for previous in (False, True):
        with pytest.raises(WrongPassphrase):
            open_vault(old, previous_slots=previous)
    open_vault(new)


def test_the_recovery_key_cannot_be_turned_into_a_passphrase(vault, open_vault):
    key = vault.replace_recovery_key(PASSPHRASE)
    vault.close()
    opened = open_vault(key)
    with pytest.raises(Refused, match="not a passphrase"):
        opened.change_passphrase(key, OTHER)
    opened.close()
    officer = open_vault()
    with pytest.raises(Refused, match="make a new one"):
        officer.remove_user(2)
    officer.close()
    open_vault(key)


# --- the key file ---


def test_every_flipped_byte_of_the_key_file_is_noticed(closed):
    file = closed / keys.FILE
    whole = file.read_bytes()
    before = contents(closed / "backups")
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(DamagedSlots):
            Vault.open(closed, PASSPHRASE)
    assert contents(closed / "backups") == before
    file.write_bytes(whole)
    Vault.open(closed, PASSPHRASE).close()


def test_every_flipped_byte_of_the_key_file_fails_the_check_of_an_open_vault(vault, path):
    file = path / keys.FILE
    whole = file.read_bytes()
    for place in range(0, len(whole), 7):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x80]) + whole[place + 1 :])
        assert not vault._check_slots().ok
    file.write_bytes(whole)
    assert vault._check_slots().ok


@pytest.mark.parametrize("cut", [0, 1, 50, -1])
def test_a_key_file_cut_short_is_noticed(closed, cut):
    file = closed / keys.FILE
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(DamagedSlots):
        Vault.open(closed, PASSPHRASE)


def test_bytes_added_to_the_key_file_are_noticed(closed):
    file = closed / keys.FILE
    for more in (b" ", b"\n", b"\0", b"{}"):
        whole = file.read_bytes()
        file.write_bytes(whole + more)
        with pytest.raises(DamagedSlots):
            Vault.open(closed, PASSPHRASE)
        file.write_bytes(more + whole)
        with pytest.raises(DamagedSlots):
            Vault.open(closed, PASSPHRASE)
        file.write_bytes(whole)


def test_a_missing_key_file_is_said_and_nothing_is_made(closed):
    (closed / keys.FILE).unlink()
    before = contents(closed)
    with pytest.raises(DamagedSlots, match="missing"):
        Vault.open(closed, PASSPHRASE)
    assert contents(closed) == before


def test_the_previous_key_file_is_used_only_when_asked_for_and_then_put_in_place(closed, open_vault):
    (closed / keys.FILE).write_bytes(b"nonsense")
    with pytest.raises(DamagedSlots, match="previous key file"):
        Vault.open(closed, PASSPHRASE)
    assert (closed / keys.FILE).read_bytes() == b"nonsense"
    opened = open_vault(previous_slots=True)
    assert "opened with the previous key file" in details(opened)
    assert all(check.ok for check in opened.verify())
    opened.close()
    open_vault()


def test_a_spare_key_file_left_behind_by_a_killed_program_follows_at_the_next_opening(vault, path, open_vault):
    stale = (path / keys.PREVIOUS).read_bytes()
    vault.change_passphrase(PASSPHRASE, OTHER)
    vault.close()
    (path / keys.PREVIOUS).write_bytes(stale)
    open_vault(OTHER).close()
    with pytest.raises(WrongPassphrase):
        open_vault(PASSPHRASE, previous_slots=True)


@pytest.mark.parametrize(
    "change",
    [
        {"salt": "zz"}, {"nonce": "00"}, {"wrapped": ""}, {"memory_kib": "much"}, {"memory_kib": 2**40},
        {"memory_kib": 0}, {"passes": 0}, {"lanes": 2**31}, {"extra": 1}, {"salt": None},
    ],
)  # fmt: skip
def test_nonsense_with_a_right_checksum_is_damage_not_a_crash(closed, change):
    facts = json.loads((closed / keys.FILE).read_bytes())
    facts["slots"][0].update(change)
    (closed / keys.FILE).write_bytes(_sealed(facts))
    with pytest.raises(DamagedSlots):
        Vault.open(closed, PASSPHRASE)


def _sealed(facts: dict) -> bytes:
    facts.pop("sha256", None)
    body = json.dumps(facts, indent=1)[:-2] + ","
    return f'{body}\n"sha256": "{hashlib.sha256(body.encode()).hexdigest()}"}}\n'.encode()


def test_a_wish_for_a_weaker_derivation_put_into_the_key_file_is_not_followed(vault, path, open_vault):
    vault.set_strength(64, PASSPHRASE)
    vault.close()
    for weak in (1, 0, -1, 63):
        facts = json.loads((path / keys.FILE).read_bytes())
        facts["strength_mib"] = weak
        (path / keys.FILE).write_bytes(_sealed(facts))
        open_vault().close()
        assert keys.read(path).slots[-1].memory_kib == 64 * 1024


def test_neither_user_names_nor_secrets_are_readable_in_the_key_files(vault, path):
    vault.add_user("Zebediah Quill", APPROVER, OTHER)
    for name in (keys.FILE, keys.PREVIOUS):
        text = (path / name).read_text().casefold()
        for word in (USER, "zebediah", "quill", PASSPHRASE, OTHER, "saddle", vault._key.hex()):
            assert word.casefold() not in text


def test_the_stored_hash_of_a_name_differs_between_slots():
    one, two = slots_of(("passphrase", PASSPHRASE)), slots_of(("passphrase", PASSPHRASE))
    assert one.slots[0].name_hash != two.slots[0].name_hash


def test_a_failed_write_of_the_key_file_leaves_the_old_one(path, closed, monkeypatch):
    before = contents(closed)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keys.os, "fsync", full)
    with pytest.raises(VaultError, match="old one is untouched"):
        keys.write(closed, keys.read(closed))
    assert contents(closed) == before


# --- passphrases and users ---


def test_a_wrong_passphrase_changes_neither_byte_nor_time_of_the_folder(closed):
    before, when = contents(closed), times(closed)
    for wrong in ("wrong", "", PASSPHRASE + "!", keys.new_recovery_key()):
        for user in (None, USER, "Nobody"):
            with pytest.raises(WrongPassphrase):
                Vault.open(closed, wrong, user)
    assert (contents(closed), times(closed)) == (before, when)


def test_a_wrong_passphrase_makes_no_lock_file_in_a_copied_folder(closed):
    (closed / "lock").unlink()
    before, when = contents(closed), times(closed)
    with pytest.raises(WrongPassphrase):
        Vault.open(closed, "wrong")
    assert (contents(closed), times(closed)) == (before, when)
    Vault.open(closed, PASSPHRASE).close()


def test_the_first_user_opens_by_name_in_any_case_and_nobody_else_does(closed, open_vault):
    opened = open_vault(user=USER.upper())
    assert opened.user.name == USER
    opened.close()
    with pytest.raises(WrongPassphrase):
        open_vault(user="Kit")


def test_each_user_opens_with_their_own_passphrase_and_name(vault, open_vault):
    vault.add_user("Kit", APPROVER, OTHER)
    vault.close()
    opened = open_vault(OTHER)
    assert (opened.user.name, opened.user.role) == ("Kit", APPROVER)
    opened.close()
    open_vault(OTHER, user="kit").close()
    for secret, user in ((OTHER, USER), (PASSPHRASE, "Kit"), (OTHER, "Nobody")):
        with pytest.raises(WrongPassphrase):
            open_vault(secret, user=user)


def test_a_passphrase_that_is_taken_is_refused_for_another_user(vault):
    with pytest.raises(Refused, match="another one"):
        vault.add_user("Kit", APPROVER, PASSPHRASE)
    vault.add_user("Kit", APPROVER, OTHER)
    with pytest.raises(Refused, match="another one"):
        vault.change_passphrase(PASSPHRASE, OTHER)
    assert [user.name for user in vault.users()] == [USER, "Kit"]


@pytest.mark.parametrize("name", [USER, USER.upper(), f" {USER} ", "recovery KEY"])
def test_a_name_that_is_taken_is_refused(vault, name):
    with pytest.raises(Refused, match="already a user"):
        vault.add_user(name, APPROVER, OTHER)
    assert len(keys.read(vault.path).slots) == 2


@pytest.mark.parametrize("name, role", [("", APPROVER), ("  ", APPROVER), ("Kit", "Emperor")])
def test_a_user_without_name_or_known_role_is_refused(vault, name, role):
    with pytest.raises(Refused):
        vault.add_user(name, role, OTHER)


@pytest.mark.parametrize("name", ["", "   ", "Recovery key"])
def test_a_vault_is_not_created_without_a_name_for_its_first_user(path, name):
    with pytest.raises(Refused):
        Vault.create(path, PASSPHRASE, name, kdf=CHEAP)
    assert not path.exists()


def test_a_removed_users_passphrase_opens_nothing_not_even_with_the_previous_key_file(vault, path, open_vault):
    vault.add_user("Kit", APPROVER, OTHER)
    with_kit = (path / keys.FILE).read_bytes()
    vault.remove_user(next(user.id for user in vault.users() if user.name == "Kit"))
    assert [user.name for user in vault.users()] == [USER]
    vault.close()
    for previous in (False, True):
        with pytest.raises(WrongPassphrase):
            open_vault(OTHER, previous_slots=previous)
    # Even a key file kept from before the removal: the user is gone inside the vault too.
    (path / keys.PREVIOUS).write_bytes(with_kit)
    before = contents(path)
    with pytest.raises(WrongPassphrase):
        open_vault(OTHER, previous_slots=True)
    assert contents(path) == before


def test_nobody_takes_away_their_own_way_in_or_one_that_is_gone(vault):
    vault.add_user("Kit", APPROVER, OTHER)
    kit = vault.users()[1].id
    with pytest.raises(Refused, match="your own"):
        vault.remove_user(vault.user.id)
    vault.remove_user(kit)
    for gone in (kit, 999):
        with pytest.raises(Refused, match="no way in"):
            vault.remove_user(gone)


def test_a_viewer_neither_adds_nor_removes_users(vault, open_vault):
    vault.add_user("Vera", VIEWER, OTHER)
    vault.close()
    viewer = open_vault(OTHER)
    with pytest.raises(Refused, match="viewer"):
        viewer.add_user("Kit", OFFICER, "another long secret")
    with pytest.raises(Refused, match="viewer"):
        viewer.remove_user(1)
    assert len(keys.read(viewer.path).slots) == 3


def test_changing_the_passphrase_rewraps_and_re_encrypts_nothing(vault, path, open_vault):
    vault.close()
    vault = open_vault()
    pages, key = (path / "desk.db").read_bytes(), vault._key
    vault.change_passphrase(PASSPHRASE, OTHER)
    # The entry of the log waits in the write-ahead log; not one page of the database was touched.
    assert (path / "desk.db").read_bytes() == pages
    vault.close()
    with pytest.raises(WrongPassphrase):
        open_vault(PASSPHRASE)
    with pytest.raises(WrongPassphrase):
        open_vault(PASSPHRASE, previous_slots=True)
    assert open_vault(OTHER)._key == key


def test_the_passphrase_changes_only_for_who_knows_the_old_one(vault, path):
    before = (path / keys.FILE).read_bytes()
    with pytest.raises(Refused) as refused:
        vault.change_passphrase("not the old one", OTHER)
    assert refused.value.field == "old"
    with pytest.raises(Refused, match="too short"):
        vault.change_passphrase(PASSPHRASE, "short")
    vault.add_user("Kit", APPROVER, OTHER)
    with pytest.raises(Refused):
        vault.change_passphrase(OTHER, "a third long secret")
    assert keys.read(path).slots[0] == keys.parse(before).slots[0]


def test_changing_a_passphrase_is_in_the_log(vault):
    vault.change_passphrase(PASSPHRASE, OTHER)
    connection = raw(vault)
    last = connection.execute("SELECT operation, fields FROM activity ORDER BY id DESC").fetchone()
    connection.close()
    assert last == ("alteration", '["passphrase"]')


# --- the cost of a guess ---


def costs(vault: Vault) -> dict[str, tuple[int, int, int]]:
    return {slot.id: (slot.memory_kib, slot.passes, slot.lanes) for slot in keys.read(vault.path).slots}


def test_a_vault_is_created_with_at_least_64_mib_and_three_passes(path):
    made, _key = Vault.create(path, PASSPHRASE, USER)
    made.close()
    assert {(s.memory_kib, s.passes, s.lanes) for s in keys.read(path).slots} == {(64 * 1024, 3, 4)}
    assert keys.read(path).strength_mib == 64


@pytest.mark.parametrize("mib", keys.STRENGTHS_MIB)
def test_the_strength_is_switched_and_the_passphrase_still_opens(vault, open_vault, mib):
    vault.set_strength(mib, PASSPHRASE)
    assert vault.strength_mib == mib
    assert costs(vault)[vault._slot.id] == (mib * 1024, 3, 4)
    vault.close()
    assert open_vault().strength_mib == mib


def test_other_users_follow_to_the_new_strength_when_they_next_open(vault, open_vault):
    vault.add_user("Kit", APPROVER, OTHER)
    kit = keys.unwrap(keys.read(vault.path), OTHER)[1].id
    vault.set_strength(64, PASSPHRASE)
    assert costs(vault)[kit] == (CHEAP.memory_kib, 1, 1)
    vault.close()
    opened = open_vault(OTHER)
    assert costs(opened)[kit] == (64 * 1024, 3, 4)
    opened.close()
    assert open_vault(OTHER).user.name == "Kit"


@pytest.mark.parametrize("mib", [0, 32, 63, 512, -64])
def test_a_strength_that_is_not_offered_is_refused(vault, mib):
    with pytest.raises(Refused) as refused:
        vault.set_strength(mib, PASSPHRASE)
    assert refused.value.field == "strength"


def test_the_strength_is_switched_only_with_the_right_passphrase(vault):
    before = costs(vault)
    with pytest.raises(Refused):
        vault.set_strength(64, "not the passphrase")
    assert (costs(vault), vault.strength_mib) == (before, 0)


@settings(max_examples=30, deadline=None)
@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_any_secret_opens_what_it_wrapped_and_no_other_does(secret, other):
    slot = wrap(DATA_KEY, secret, kind="passphrase", user="x", vault_id="v", kdf=Kdf(8, 1, 1))
    slots = Slots("v", 0, (slot,))
    assert unwrap(slots, secret) == (DATA_KEY, slot)
    if keys._secret_bytes("passphrase", other) != keys._secret_bytes("passphrase", secret):
        assert unwrap(slots, other) is None


@given(st.integers(0, 5), st.integers(0, 512))
def test_what_is_rendered_is_read_back(count, strength):
    slots = replace(slots_of(*[("passphrase", f"secret {n}") for n in range(count)]), strength_mib=strength)
    assert keys.parse(keys.render(slots)) == slots
