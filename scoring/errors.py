"""What can go wrong with a record or its scores, as one tree. Every error here is permanent: no retry mends it.

ScoringError
├── InvalidInput                what was sent is wrong; `field` says where
│   ├── InvalidDefinition
│   ├── InvalidAttributes
│   └── ComputeServiceNotFound
├── NotFound
│   ├── RegisterNotFound
│   ├── RecordNotFound
│   ├── ChangeRequestNotFound
│   ├── ScoreDefinitionNotFound
│   ├── ContributingAttributeNotFound
│   ├── ScoreNotFound
│   ├── ScoreRequestNotFound
│   └── RecomputationNotFound
├── Conflict                    what was sent is right, but not now
│   ├── RegisterPurposeConflict
│   ├── ScoreDefinitionExists
│   ├── ScoreDefinitionDisabled
│   ├── ContributingAttributeExists
│   ├── RecomputationEnded
│   ├── ChangeRequestExists
│   ├── ChangeRequestAlreadyDecided
│   └── ChangesComeFromElsewhere
├── NotTheirs                   what was sent is right, but not theirs to send
│   └── NotTheSender
└── ScoreFailure                a computation ended without a score
    ├── ScoreInputError
    └── ScoreResultError

Their texts name attributes and ids, never the values of a record: they reach logs, histories and answers.
"""


class ScoringError(Exception):
    """Permanent; `field` is the dot path of what is wrong, where there is one."""

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        self.detail = _encodable(detail)
        self.field = None if field is None else _encodable(field)
        super().__init__(self.detail)


def _encodable(text: str) -> str:
    """The text with a question mark for half a surrogate pair: a name that was refused for it goes into an answer."""
    return text.encode("utf-8", "replace").decode("utf-8")


class InvalidInput(ScoringError):
    """What was sent can never be accepted as it is."""


class InvalidDefinition(InvalidInput):
    """A score definition that could not compute a score."""


class InvalidAttributes(InvalidInput):
    """Attributes that the register does not have, or values that it cannot hold."""


class ComputeServiceNotFound(InvalidInput):
    """No compute service serves the score type."""


class NotFound(ScoringError):
    """An id that nothing has."""


class RegisterNotFound(NotFound):
    """No register has this id."""


class RecordNotFound(NotFound):
    """No record has this id."""


class ChangeRequestNotFound(NotFound):
    """No change request has this id."""


class ScoreDefinitionNotFound(NotFound):
    """No score definition has this id."""


class ContributingAttributeNotFound(NotFound):
    """No contributing attribute has this id."""


class ScoreNotFound(NotFound):
    """The record has no such score."""


class ScoreRequestNotFound(NotFound):
    """No score of this kind was ever asked for."""


class RecomputationNotFound(NotFound):
    """No recomputation has this id."""


class Conflict(ScoringError):
    """The state of things does not allow it."""


class RegisterPurposeConflict(Conflict):
    """Scores are for registers of purpose REGISTER alone."""


class ScoreDefinitionExists(Conflict):
    """A register has one definition for a score type."""


class ScoreDefinitionDisabled(Conflict):
    """A definition that is switched off computes nothing."""


class ContributingAttributeExists(Conflict):
    """A definition has one weight for an attribute."""


class RecomputationEnded(Conflict):
    """What has ended can be neither paused, resumed nor cancelled."""


class ChangeRequestExists(Conflict):
    """The change request's id is taken."""


class ChangeRequestAlreadyDecided(Conflict):
    """A change request is approved or rejected once."""


class ChangesComeFromElsewhere(Conflict):
    """A register is fed by change requests that are approved here, or by one other registry's hooks."""


class NotTheirs(ScoringError):
    """What is asked for belongs to somebody else."""


class NotTheSender(NotTheirs):
    """The register is fed by another registry's hooks than theirs, or by none."""


class ScoreFailure(ScoringError):
    """A computation ended without a score."""


class ScoreInputError(ScoreFailure):
    """A value that the formula needs is missing or of the wrong kind; raised by compute services."""


class ScoreResultError(ScoreFailure):
    """A compute service returned something that is no finite number."""
