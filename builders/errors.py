"""What can go wrong with builders, below the core's tree. Texts name ids and fields, never names or profiles.

NotFound
├── UserNotFound
├── ProjectNotFound
└── CollaboratorNotFound
Conflict
├── NotSignedUp
├── AlreadySignedUp
├── UsernameTaken
└── CollaborationConflict
NotTheirs
└── NotTheOwner
"""

from scoring.errors import Conflict, NotFound, NotTheirs


class UserNotFound(NotFound):
    """No user has this id or username."""


class ProjectNotFound(NotFound):
    """No project has this id, or it is a draft of somebody else."""


class CollaboratorNotFound(NotFound):
    """The project has no such collaborator."""


class NotSignedUp(Conflict):
    """The bearer of the token has no profile yet."""


class AlreadySignedUp(Conflict):
    """The bearer of the token has a profile."""


class UsernameTaken(Conflict):
    """Another user has the name."""


class CollaborationConflict(Conflict):
    """What is asked for does not follow from where the collaboration stands."""


class NotTheOwner(NotTheirs):
    """Only the project's owner may do this."""
