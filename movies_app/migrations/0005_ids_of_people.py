"""TMDB's ids of people beside their names, kept by PostgreSQL: what the numbers count by. Rewrites the catalogue once."""

import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('movies_app', '0004_ask_tmdb_again_at'),
    ]

    operations = [
        migrations.AddField(
            model_name='film',
            name='actor_ids',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Cast(models.Func(models.F('cast'), models.Value('$[*].id'), function='jsonb_path_query_array', template='%(function)s(%(expressions)s::jsonpath)'), models.TextField()), output_field=models.TextField(null=True)),
        ),
        migrations.AddField(
            model_name='film',
            name='cinematographer_ids',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Cast(models.Func(models.F('crew'), models.Value('$[*] ? (@.job == "Director of Photography").id'), function='jsonb_path_query_array', template='%(function)s(%(expressions)s::jsonpath)'), models.TextField()), output_field=models.TextField(null=True)),
        ),
        migrations.AddField(
            model_name='film',
            name='composer_ids',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Cast(models.Func(models.F('crew'), models.Value('$[*] ? (@.job == "Original Music Composer").id'), function='jsonb_path_query_array', template='%(function)s(%(expressions)s::jsonpath)'), models.TextField()), output_field=models.TextField(null=True)),
        ),
        migrations.AddField(
            model_name='film',
            name='director_ids',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Cast(models.Func(models.F('directors'), models.Value('$[*].id'), function='jsonb_path_query_array', template='%(function)s(%(expressions)s::jsonpath)'), models.TextField()), output_field=models.TextField(null=True)),
        ),
        migrations.AddField(
            model_name='film',
            name='editor_ids',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Cast(models.Func(models.F('crew'), models.Value('$[*] ? (@.job == "Editor").id'), function='jsonb_path_query_array', template='%(function)s(%(expressions)s::jsonpath)'), models.TextField()), output_field=models.TextField(null=True)),
        ),
        migrations.AddField(
            model_name='film',
            name='writer_ids',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Cast(models.Func(models.F('crew'), models.Value('$[*] ? (@.job == "Writer" || @.job == "Screenplay" || @.job == "Story" || @.job == "Novel").id'), function='jsonb_path_query_array', template='%(function)s(%(expressions)s::jsonpath)'), models.TextField()), output_field=models.TextField(null=True)),
        ),
    ]
