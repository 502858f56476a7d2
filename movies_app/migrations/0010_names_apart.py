"""Names stand in the lines of films as they are, no longer as JSON. Makes the table of films anew, as `0008` did."""

from importlib import import_module

from django.db import migrations, models

make_anew = import_module("movies_app.migrations.0008_facts_first").make_anew


class Migration(migrations.Migration):

    dependencies = [
        ('movies_app', '0009_digests'),
    ]

    operations = [
        # On the way back, where the order turns round.
        migrations.RunPython(migrations.RunPython.noop, make_anew),
        migrations.SeparateDatabaseAndState(state_operations=[
            migrations.AlterField(
                model_name='film',
                name='line_of_facts',
                field=models.GeneratedField(db_persist=True, expression=models.Func(output_field=models.TextField(), template='CASE WHEN fetched_at IS NOT NULL THEN coalesce((id)::text, \'\') || E\'\\t\' || coalesce((media_type)::text, \'\') || E\'\\t\' || coalesce((tmdb_id)::text, \'\') || E\'\\t\' || coalesce((translate(replace(right(left(replace(replace(genres::text, \'\\\\\', chr(2)), \'\\"\', chr(1)), -2), -2), \'", "\', chr(31)), chr(1) || chr(2), \'"\\\'))::text, \'\') || E\'\\t\' || coalesce((translate(replace(right(left(replace(replace(countries::text, \'\\\\\', chr(2)), \'\\"\', chr(1)), -2), -2), \'", "\', chr(31)), chr(1) || chr(2), \'"\\\'))::text, \'\') || E\'\\t\' || coalesce((translate(jsonb_path_query_array(directors, \'$[*].id\')::text, \'[] \', \'\'))::text, \'\') || E\'\\t\' || coalesce((translate(jsonb_path_query_array("cast", \'$[*].id\')::text, \'[] \', \'\'))::text, \'\') END'), output_field=models.TextField(null=True)),
            ),
            migrations.AlterField(
                model_name='film',
                name='line_of_more',
                field=models.GeneratedField(db_persist=True, expression=models.Func(output_field=models.TextField(), template='CASE WHEN fetched_at IS NOT NULL THEN coalesce((runtime)::text, \'\') || E\'\\t\' || coalesce((vote_average)::text, \'\') || E\'\\t\' || coalesce((vote_count)::text, \'\') || E\'\\t\' || coalesce((collection)::text, \'\') || E\'\\t\' || coalesce((translate(replace(right(left(replace(replace(languages::text, \'\\\\\', chr(2)), \'\\"\', chr(1)), -2), -2), \'", "\', chr(31)), chr(1) || chr(2), \'"\\\'))::text, \'\') || E\'\\t\' || coalesce((translate(replace(right(left(replace(replace(studios::text, \'\\\\\', chr(2)), \'\\"\', chr(1)), -2), -2), \'", "\', chr(31)), chr(1) || chr(2), \'"\\\'))::text, \'\') || E\'\\t\' || coalesce((translate(replace(right(left(replace(replace(keywords::text, \'\\\\\', chr(2)), \'\\"\', chr(1)), -2), -2), \'", "\', chr(31)), chr(1) || chr(2), \'"\\\'))::text, \'\') || E\'\\t\' || coalesce((translate(jsonb_path_query_array(crew, \'$[*] ? (@.job == "Writer" || @.job == "Screenplay" || @.job == "Story" || @.job == "Novel").id\')::text, \'[] \', \'\'))::text, \'\') || E\'\\t\' || coalesce((translate(jsonb_path_query_array(crew, \'$[*] ? (@.job == "Director of Photography").id\')::text, \'[] \', \'\'))::text, \'\') || E\'\\t\' || coalesce((translate(jsonb_path_query_array(crew, \'$[*] ? (@.job == "Original Music Composer").id\')::text, \'[] \', \'\'))::text, \'\') || E\'\\t\' || coalesce((translate(jsonb_path_query_array(crew, \'$[*] ? (@.job == "Editor").id\')::text, \'[] \', \'\'))::text, \'\') END'), output_field=models.TextField(null=True)),
            ),
        ]),
        migrations.RunPython(make_anew, migrations.RunPython.noop),
    ]
