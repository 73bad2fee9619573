"""All data files that applications goes by, read at once: one that cannot be used stops the start."""

from services.applications.appointments.timetables import the_appointments
from services.applications.catalogue import Catalogue, the_catalogue
from services.applications.catalogue.casework import casework
from services.applications.catalogue.queue_rules import queue_rules
from services.applications.catalogue.skills import the_skills
from services.applications.uploads.limits import the_limits


def read_data_files() -> Catalogue:
    """Raises CatalogueError, which names the file and each wrong field."""
    for read in (the_appointments, the_limits, casework, queue_rules, the_skills):
        read()
    return the_catalogue()
