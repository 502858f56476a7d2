"""The receipt goes with its session, by the database: Django's own key would not cascade there."""

from django.db import migrations

ADD = """
    ALTER TABLE receipts ADD CONSTRAINT receipts_session FOREIGN KEY (session_id)
    REFERENCES sessions (id) ON DELETE CASCADE
"""
DROP = "ALTER TABLE receipts DROP CONSTRAINT receipts_session"


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0001_initial")]
    operations = [migrations.RunSQL(ADD, DROP)]
