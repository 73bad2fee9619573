"""What can be wrong with an act on the queue of a post."""

from shared.errors import NotAllowed, NotAllowedNow, NotFound
from shared.texts import N_


class NothingToTake(NotAllowedNow):
    code = "nothing-to-take"
    message = N_("No application waits that you may take now.")


class NotAssignable(NotAllowedNow):
    code = "application-not-assignable"
    message = N_("Only an application that waits to be taken, or is under review, can be given to an officer.")


class MayNotAssign(NotAllowed):
    code = "may-not-assign"
    message = N_("Only the head of the post gives an application to an officer.")


class NoSuchDesk(NotFound):
    code = "no-such-desk"
    message = N_("This officer is not on the list of your post. The head of the post puts officers on it.")


class LacksSkill(NotAllowedNow):
    code = "lacks-skill"
    message = N_(
        "This officer is not marked as able to do this service ({skills}). Confirm it, if it is to be theirs all the same."
    )

    @property
    def lacking(self) -> list[str]:
        return str(self.params["skills"]).split(", ")


class UnknownSkill(NotAllowedNow):
    code = "unknown-skill"
    message = N_("No service asks for such a skill.")


class MayNotClosePost(NotAllowed):
    code = "may-not-close-post"
    message = N_("Only the head of the post, or the ministry, closes a post or opens it again.")


class PostIsClosed(NotAllowedNow):
    code = "post-is-closed"
    message = N_("This post is closed and takes no applications. Choose another one from the list of posts.")


class PostNotClosed(NotAllowedNow):
    code = "post-not-closed"
    message = N_("This post is open.")


class NoPlaceForService(NotAllowedNow):
    code = "no-place-for-service"
    message = N_("None of the posts that you named takes the service {service}. Name one that does.")
