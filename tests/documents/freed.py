"""What the pages of a vault's database hold once decrypted: used, free and half-free ones alike."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from oicdesk.vault.vault import Vault

PAGE, RESERVED, SALT = 4096, 80, 16


def pages(vault: Vault) -> bytes:
    """Every byte of the database in the clear, after the write-ahead log was folded in."""
    with vault._writer.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    raw = (vault.path / "desk.db").read_bytes()
    assert len(raw) % PAGE == 0
    wal = vault.path / "desk.db-wal"
    assert not wal.exists() or wal.stat().st_size == 0
    return b"".join(_opened(raw[at : at + PAGE], vault._key, first=at == 0) for at in range(0, len(raw), PAGE))


def _opened(page: bytes, key: bytes, *, first: bool) -> bytes:
    start, vector = SALT if first else 0, page[-RESERVED : -RESERVED + 16]
    cipher = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    return cipher.update(page[start:-RESERVED]) + cipher.finalize()
