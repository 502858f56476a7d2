"""Series of films with all their parts, as TMDB lists them: which of them a member lacks."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('movies_app', '0005_line_of_facts'),
    ]

    operations = [
        migrations.CreateModel(
            name='Collection',
            fields=[
                ('tmdb_id', models.IntegerField(primary_key=True, serialize=False)),
                ('name', models.TextField(null=True)),
                ('parts', models.JSONField(null=True)),
                ('fetched_at', models.DateTimeField(null=True)),
                ('next_try_at', models.DateTimeField()),
                ('last_error', models.TextField(null=True)),
            ],
            options={
                'db_table': 'collections',
                'indexes': [models.Index(fields=['next_try_at'], name='collections_next_try_at')],
            },
        ),
    ]
