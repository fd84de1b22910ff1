"""The wall between training and cases, at work; which file may import which is kept in `test_architecture.py`."""

import subprocess
import sys
from pathlib import Path

import oicdesk

PACKAGE = Path(oicdesk.__file__).parent
CASES = ("referrals", "documents", "audits", "comms", "recommendations")


def test_training_at_work_loads_no_module_of_a_case():
    code = (
        "import sys, oicdesk.training.sheet_import, oicdesk.training.records_figures, oicdesk.training.records_matrix,"
        " oicdesk.training.records_reminders, oicdesk.training.report;"
        "print([name for name in sys.modules if name.startswith('oicdesk.')"
        f" and name.split('.')[1] in {CASES!r} or name.startswith('PySide6')])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert said.stdout.strip() == "[]"


def test_the_rules_load_neither_qt_nor_a_database():
    code = (
        "import sys, oicdesk.training.rules_forecast, oicdesk.training.rules_reminders,"
        " oicdesk.training.rules_completions;"
        "print([name for name in ('PySide6', 'sqlalchemy', 'reportlab') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert said.stdout.strip() == "[]"


def test_no_table_of_training_points_at_a_table_of_cases():
    import oicdesk.documents.records
    import oicdesk.training.records_reminders  # noqa: F401  # for its tables
    from oicdesk.vault.tables import Stored

    for mapper in Stored.registry.mappers:
        room = mapper.class_.__module__.split(".")[1]
        for key in mapper.local_table.foreign_keys:
            target = next(m for m in Stored.registry.mappers if m.local_table is key.column.table)
            pointed = target.class_.__module__.split(".")[1]
            assert (room == "training") == (pointed == "training"), key
