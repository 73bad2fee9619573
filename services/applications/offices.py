"""Where an officer works: at posts, and in the departments of the ministry, whose inboxes its officers share."""

from services.applications.catalogue import the_catalogue
from services.applications.domain.authority import COUNTER_ROLES
from shared.actors import EVERY_POST, Officer


def departments_of(officer: Officer) -> frozenset[str]:
    """Bodies of the state have no officers here: what they answer is recorded by the post that asked."""
    departments = the_catalogue().places.departments
    return frozenset(filter(is_of_ministry, departments)) if officer.is_ministry else frozenset()


def is_of_ministry(body: str) -> bool:
    department = the_catalogue().places.departments.get(body)
    return department is not None and department.kind == "ministry"


def places_of(officer: Officer) -> frozenset[str]:
    """Where they send pouches from and open those that come."""
    return (officer.posts_with(COUNTER_ROLES) - {EVERY_POST}) | departments_of(officer)
