"""Django's admin with a site of ours. Named in INSTALLED_APPS."""

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    default_site = "sessions_app.staff_site.StaffSite"
