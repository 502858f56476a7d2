"""What the numbers read of a film stands first in its row: PostgreSQL walks through all that stands before. Makes the
table of films anew, once, under a lock.
"""

from django.db import migrations, models

FIRST = ["id", "fetched_at", "line_of_facts", "line_of_more", "title_key", "state"]


def make_anew(apps, schema_editor):
    film = apps.get_model("movies_app", "Film")
    fields = film._meta.local_fields
    fields.sort(key=lambda field: FIRST.index(field.name) if field.name in FIRST else len(FIRST))
    columns = ", ".join(schema_editor.quote_name(field.column) for field in fields if not field.generated)
    schema_editor.execute("LOCK TABLE films IN ACCESS EXCLUSIVE MODE")
    schema_editor.execute(f"CREATE TEMPORARY TABLE films_before ON COMMIT DROP AS SELECT {columns} FROM films")
    schema_editor.execute("DROP TABLE films")  # not what stands on it: an operator's view has to be dropped by them
    schema_editor.create_model(film)
    schema_editor.execute(f"INSERT INTO films ({columns}) SELECT {columns} FROM films_before ORDER BY id")
    schema_editor.execute("SELECT setval(pg_get_serial_sequence('films', 'id'), max(id)) FROM films HAVING max(id) > 0")
    schema_editor.execute("ANALYZE films")


class Migration(migrations.Migration):

    dependencies = [
        ('movies_app', '0007_ids_between_commas'),
    ]

    operations = [
        # On the way back, where the order turns round.
        migrations.RunPython(migrations.RunPython.noop, make_anew),
        migrations.SeparateDatabaseAndState(state_operations=[
            migrations.RemoveField(model_name='film', name='line_of_facts'),
            migrations.AddField(
                model_name='film',
                name='line_of_facts',
                field=models.GeneratedField(db_persist=True, expression=models.Func(output_field=models.TextField(), template='CASE WHEN fetched_at IS NOT NULL THEN coalesce((id)::text, \'\') || E\'\\t\' || coalesce((media_type)::text, \'\') || E\'\\t\' || coalesce((tmdb_id)::text, \'\') || E\'\\t\' || coalesce((genres)::text, \'\') || E\'\\t\' || coalesce((countries)::text, \'\') || E\'\\t\' || coalesce((translate(jsonb_path_query_array(directors, \'$[*].id\')::text, \'[] \', \'\'))::text, \'\') || E\'\\t\' || coalesce((translate(jsonb_path_query_array("cast", \'$[*].id\')::text, \'[] \', \'\'))::text, \'\') END'), output_field=models.TextField(null=True)),
            ),
            migrations.AddField(
                model_name='film',
                name='line_of_more',
                field=models.GeneratedField(db_persist=True, expression=models.Func(output_field=models.TextField(), template='CASE WHEN fetched_at IS NOT NULL THEN coalesce((runtime)::text, \'\') || E\'\\t\' || coalesce((vote_average)::text, \'\') || E\'\\t\' || coalesce((vote_count)::text, \'\') || E\'\\t\' || coalesce((collection)::text, \'\') || E\'\\t\' || coalesce((languages)::text, \'\') || E\'\\t\' || coalesce((studios)::text, \'\') || E\'\\t\' || coalesce((keywords)::text, \'\') || E\'\\t\' || coalesce((translate(jsonb_path_query_array(crew, \'$[*] ? (@.job == "Writer" || @.job == "Screenplay" || @.job == "Story" || @.job == "Novel").id\')::text, \'[] \', \'\'))::text, \'\') || E\'\\t\' || coalesce((translate(jsonb_path_query_array(crew, \'$[*] ? (@.job == "Director of Photography").id\')::text, \'[] \', \'\'))::text, \'\') || E\'\\t\' || coalesce((translate(jsonb_path_query_array(crew, \'$[*] ? (@.job == "Original Music Composer").id\')::text, \'[] \', \'\'))::text, \'\') || E\'\\t\' || coalesce((translate(jsonb_path_query_array(crew, \'$[*] ? (@.job == "Editor").id\')::text, \'[] \', \'\'))::text, \'\') END'), output_field=models.TextField(null=True)),
            ),
        ]),
        migrations.RunPython(make_anew, migrations.RunPython.noop),
    ]
