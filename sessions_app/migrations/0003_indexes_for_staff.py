"""Staff list upload sessions newest first, all or those that failed; without an index each list reads the table."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sessions_app', '0002_delete_with_session'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='uploadsession',
            index=models.Index(fields=['created_at'], name='sessions_created'),
        ),
        migrations.AddIndex(
            model_name='uploadsession',
            index=models.Index(condition=models.Q(('status', 'failed')), fields=['created_at'], name='sessions_failed'),
        ),
    ]
