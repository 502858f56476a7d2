import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='UploadSession',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('last_accessed', models.DateTimeField()),
                ('status', models.CharField(choices=[('uploading', 'Uploading'), ('processing', 'Processing'), ('enriching', 'Enriching'), ('completed', 'Completed'), ('failed', 'Failed')], max_length=10)),
                ('total_movies', models.IntegerField(default=0)),
                ('enriched_count', models.IntegerField(default=0)),
                ('error_message', models.TextField(null=True)),
                ('error_code', models.TextField(null=True)),
                ('error_file', models.TextField(null=True)),
                ('error_hint', models.TextField(null=True)),
                ('metadata', models.JSONField(default=dict)),
                ('display_name', models.CharField(blank=True, default='', max_length=80)),
                ('manage_token_hash', models.CharField(max_length=64)),
            ],
            options={
                'db_table': 'sessions',
            },
        ),
        migrations.CreateModel(
            name='StoredReceipt',
            fields=[
                ('session', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='receipt', serialize=False, to='sessions_app.uploadsession')),
                ('content', models.JSONField()),
            ],
            options={
                'db_table': 'receipts',
            },
        ),
        migrations.AddConstraint(
            model_name='uploadsession',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['uploading', 'processing', 'enriching', 'completed', 'failed'])), name='sessions_status_known'),
        ),
        migrations.AddConstraint(
            model_name='uploadsession',
            constraint=models.CheckConstraint(condition=models.Q(('enriched_count__gte', 0), ('enriched_count__lte', models.F('total_movies'))), name='sessions_enriched_within_total'),
        ),
    ]
