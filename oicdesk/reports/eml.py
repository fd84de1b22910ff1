"""A message that a mail program opens for sending, as a file."""

from email.message import EmailMessage
from email.policy import SMTP

from oicdesk.errors import Refused


def unsent(marking: str, subject: str, text: str, address: str = "") -> bytes:
    """The bytes of an .eml file, marked in its subject and the same each time.

    It has no sender and no date, because it was not sent yet.
    """
    message = EmailMessage(policy=SMTP.clone(cte_type="8bit"))
    message["Subject"] = f"{marking}: {subject}"
    if address:
        message["To"] = address
    message["X-Unsent"] = "1"
    message.set_content(text, cte="quoted-printable")
    return message.as_bytes()


def check_address(address: str) -> None:
    """Refuses what is not one e-mail address; an empty one is filled in before sending."""
    if address and (any(letter.isspace() for letter in address) or address.count("@") != 1):
        raise Refused("That is not one e-mail address: write it like name@force, or leave it empty.", field="address")
