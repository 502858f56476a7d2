"""Movies go with their session, by the database: one statement deletes a session with all its rows."""

from django.db import migrations

ADD = """
    ALTER TABLE movies ADD CONSTRAINT movies_session FOREIGN KEY (session_id)
    REFERENCES sessions (id) ON DELETE CASCADE
"""
DROP = "ALTER TABLE movies DROP CONSTRAINT movies_session"


class Migration(migrations.Migration):
    dependencies = [("movies_app", "0001_initial")]
    operations = [migrations.RunSQL(ADD, DROP)]
