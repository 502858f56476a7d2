"""The digest of a session's movies, which goes with its session, by the database."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

ADD = """
    ALTER TABLE digests
        ADD CONSTRAINT digests_session FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE,
        -- Frames are compressed already, and ids take an upload longer to compress than to write.
        ALTER film_ids SET STORAGE EXTERNAL, ALTER films SET STORAGE EXTERNAL, ALTER viewings SET STORAGE EXTERNAL
"""
DROP = "ALTER TABLE digests DROP CONSTRAINT digests_session"


class Migration(migrations.Migration):

    dependencies = [
        ('movies_app', '0008_facts_first'),
        ('sessions_app', '0003_indexes_for_staff'),
    ]

    operations = [
        migrations.CreateModel(
            name='StoredDigest',
            fields=[
                ('session', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='digest', serialize=False, to='sessions_app.uploadsession')),
                ('version', models.SmallIntegerField()),
                ('export', models.BigIntegerField()),
                ('film_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('films', models.BinaryField()),
                ('viewings', models.BinaryField()),
            ],
            options={
                'db_table': 'digests',
            },
        ),
        migrations.RunSQL(ADD, DROP),
    ]
