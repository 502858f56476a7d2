"""The ids of people stand between commas, which takes half as long to read as JSON. Rewrites the catalogue once."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('movies_app', '0006_collections'),
    ]

    operations = [
        # A generated column cannot be altered.
        migrations.RemoveField(model_name='film', name='line_of_facts'),
        migrations.AddField(
            model_name='film',
            name='line_of_facts',
            field=models.GeneratedField(db_persist=True, expression=models.Func(output_field=models.TextField(), template='CASE WHEN fetched_at IS NOT NULL THEN coalesce((media_type)::text, \'\') || E\'\\t\' || coalesce((tmdb_id)::text, \'\') || E\'\\t\' || coalesce((runtime)::text, \'\') || E\'\\t\' || coalesce((vote_average)::text, \'\') || E\'\\t\' || coalesce((vote_count)::text, \'\') || E\'\\t\' || coalesce((poster_path)::text, \'\') || E\'\\t\' || coalesce((collection)::text, \'\') || E\'\\t\' || coalesce((genres)::text, \'\') || E\'\\t\' || coalesce((countries)::text, \'\') || E\'\\t\' || coalesce((languages)::text, \'\') || E\'\\t\' || coalesce((studios)::text, \'\') || E\'\\t\' || coalesce((keywords)::text, \'\') || E\'\\t\' || coalesce((translate(jsonb_path_query_array(directors, \'$[*].id\')::text, \'[] \', \'\'))::text, \'\') || E\'\\t\' || coalesce((translate(jsonb_path_query_array("cast", \'$[*].id\')::text, \'[] \', \'\'))::text, \'\') || E\'\\t\' || coalesce((translate(jsonb_path_query_array(crew, \'$[*] ? (@.job == "Writer" || @.job == "Screenplay" || @.job == "Story" || @.job == "Novel").id\')::text, \'[] \', \'\'))::text, \'\') || E\'\\t\' || coalesce((translate(jsonb_path_query_array(crew, \'$[*] ? (@.job == "Director of Photography").id\')::text, \'[] \', \'\'))::text, \'\') || E\'\\t\' || coalesce((translate(jsonb_path_query_array(crew, \'$[*] ? (@.job == "Original Music Composer").id\')::text, \'[] \', \'\'))::text, \'\') || E\'\\t\' || coalesce((translate(jsonb_path_query_array(crew, \'$[*] ? (@.job == "Editor").id\')::text, \'[] \', \'\'))::text, \'\') END'), output_field=models.TextField(null=True)),
        ),
    ]
