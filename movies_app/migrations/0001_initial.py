import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('sessions_app', '0002_delete_with_session'),
    ]

    operations = [
        migrations.CreateModel(
            name='Film',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title_key', models.TextField()),
                ('title', models.TextField()),
                ('year', models.SmallIntegerField(null=True)),
                ('letterboxd_uri', models.TextField(null=True)),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('matched', 'Matched'), ('ambiguous', 'Ambiguous'), ('unmatched', 'Unmatched')], db_default='pending', default='pending', max_length=9)),
                ('match_method', models.TextField(null=True)),
                ('match_confidence', models.FloatField(null=True)),
                ('is_locked', models.BooleanField(db_default=False, default=False)),
                ('attempts', models.SmallIntegerField(db_default=0, default=0)),
                ('next_try_at', models.DateTimeField(null=True)),
                ('last_error', models.TextField(null=True)),
                ('media_type', models.TextField(null=True)),
                ('tmdb_id', models.IntegerField(null=True)),
                ('imdb_id', models.TextField(null=True)),
                ('original_title', models.TextField(null=True)),
                ('original_language', models.TextField(null=True)),
                ('release_date', models.DateField(null=True)),
                ('runtime', models.SmallIntegerField(null=True)),
                ('genres', models.JSONField(null=True)),
                ('directors', models.JSONField(null=True)),
                ('cast', models.JSONField(null=True)),
                ('crew', models.JSONField(null=True)),
                ('countries', models.JSONField(null=True)),
                ('languages', models.JSONField(null=True)),
                ('studios', models.JSONField(null=True)),
                ('keywords', models.JSONField(null=True)),
                ('collection', models.JSONField(null=True)),
                ('poster_path', models.TextField(null=True)),
                ('vote_average', models.FloatField(null=True)),
                ('vote_count', models.IntegerField(null=True)),
                ('popularity', models.FloatField(null=True)),
                ('budget', models.BigIntegerField(null=True)),
                ('revenue', models.BigIntegerField(null=True)),
                ('fetched_at', models.DateTimeField(null=True)),
                ('refresh_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'films',
                'indexes': [django.contrib.postgres.indexes.GinIndex(condition=models.Q(('genres__isnull', False)), fields=['genres'], name='films_genres', opclasses=['jsonb_path_ops']), django.contrib.postgres.indexes.GinIndex(condition=models.Q(('directors__isnull', False)), fields=['directors'], name='films_directors', opclasses=['jsonb_path_ops']), django.contrib.postgres.indexes.GinIndex(condition=models.Q(('cast__isnull', False)), fields=['cast'], name='films_cast', opclasses=['jsonb_path_ops']), django.contrib.postgres.indexes.GinIndex(condition=models.Q(('countries__isnull', False)), fields=['countries'], name='films_countries', opclasses=['jsonb_path_ops'])],
                'constraints': [models.UniqueConstraint(fields=('title_key', 'year', 'letterboxd_uri'), name='films_identity', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'matched', 'ambiguous', 'unmatched'])), name='films_state_known')],
            },
        ),
        migrations.CreateModel(
            name='Movie',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.IntegerField()),
                ('title', models.TextField()),
                ('year', models.SmallIntegerField(null=True)),
                ('rating', models.FloatField(null=True)),
                ('watched_date', models.DateField(null=True)),
                ('date_source', models.TextField(choices=[('diary', 'Diary'), ('marked', 'Marked'), ('none', 'None')])),
                ('letterboxd_uri', models.TextField(null=True)),
                ('rewatch', models.BooleanField()),
                ('liked', models.BooleanField()),
                ('tags', models.JSONField()),
                ('review', models.TextField(null=True)),
                ('viewings', models.JSONField()),
                ('film', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='movies', to='movies_app.film')),
                ('session', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='movies', to='sessions_app.uploadsession')),
            ],
            options={
                'db_table': 'movies',
                'constraints': [models.UniqueConstraint(fields=('session', 'position'), name='movies_position'), models.CheckConstraint(condition=models.Q(('rating__isnull', True), ('rating__in', [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0]), _connector='OR'), name='movies_rating_in_halves'), models.CheckConstraint(condition=models.Q(models.Q(('date_source__in', ['diary', 'marked']), ('watched_date__isnull', False)), models.Q(('date_source', 'none'), ('watched_date__isnull', True)), _connector='OR'), name='movies_date_has_source')],
            },
        ),
    ]
