"""What the find-or-do box finds among the documents: their references."""

from collections.abc import Callable, Sequence

from oicdesk.documents.records_find import documents
from oicdesk.ui.find import Finder, Hit
from oicdesk.vault.vault import Vault


def finder(vault: Vault, open_item: Callable[[str, int], object]) -> Finder:
    """Asks the vault at each key; a document is shown with its case."""

    def show(referral_id: int) -> Callable[[], object]:
        return lambda: open_item("referral", referral_id)

    def find(typed: str) -> Sequence[Hit]:
        with vault.reading() as session:
            found = documents(session, typed)
        return [
            Hit("Document", one.reference, show(one.referral_id), one.referral,
                "file-text")
            for one in found
        ]  # fmt: skip

    return find
