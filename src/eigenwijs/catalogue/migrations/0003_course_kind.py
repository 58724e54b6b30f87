"""What a course is for: a course from before nobody could say so is an ordinary one."""

from django.db import migrations, models

from eigenwijs.kernel.migrating import no_way_back_with


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0002_delivery_received"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="course",
            name="kind",
            field=models.CharField(default="course", max_length=20),
        ),
        migrations.AddConstraint(
            model_name="course",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "course",
                            "basic_skills",
                            "language",
                            "certificate",
                            "skills_review",
                            "driving_licence",
                        ],
                    )
                ),
                name="course_kind_known",
            ),
        ),
        # A booking may hold what an earlier version said.
        no_way_back_with(
            "SELECT count(*) FROM catalogue_courseversion WHERE record ? 'kind'",
            "versions of courses say what kind of course it is, and an older version cannot read "
            "them. Restore the backup made before this version.",
        ),
    ]
