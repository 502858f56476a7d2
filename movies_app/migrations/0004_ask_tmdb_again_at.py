"""One moment at which TMDB is asked again, whatever for; the films that have one are found by an index."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('movies_app', '0003_without_index_on_film'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='film',
            name='refresh_at',
        ),
        migrations.AddIndex(
            model_name='film',
            index=models.Index(condition=models.Q(('next_try_at__isnull', False)), fields=['next_try_at'], name='films_next_try_at'),
        ),
    ]
