"""Every error dripline raises on purpose, each a plain sentence that says what to do next.

    DriplineError
    ├── InvalidInput             something a person wrote cannot be used; nothing was changed
    │   ├── InvalidPhone
    │   │   └── SeveralPhones
    │   ├── InvalidEmail
    │   ├── InvalidTrigger
    │   ├── InvalidDelay
    │   ├── InvalidTemplate
    │   ├── InvalidSequence
    │   ├── InvalidSender
    │   ├── InvalidWindow
    │   ├── InvalidWorkspace
    │   ├── InvalidLead
    │   ├── InvalidNote
    │   ├── InvalidSettings
    │   ├── InvalidCredential
    │   │   └── KeyMissing
    │   ├── InvalidAccess
    │   ├── InvalidFilter
    │   ├── InvalidScenario
    │   ├── InvalidSubscription
    │   │   └── NoSuchSubscription
    │   ├── InvalidSource
    │   │   └── NoSuchSource
    │   ├── InvalidImport
    │   └── InvalidFile
    ├── ChannelNotConfigured     a sequence names a channel that this process does not have
    ├── NotAllowed               whoever acts may not do that
    ├── LoginFailed              nobody is let in by what was given
    │   └── TooManyTries
    ├── PairingFailed            a sender's account was not linked to a phone
    ├── BusyLead                 a message to a lead is on its way, so that it cannot be forgotten now
    ├── OutputLost               the output cannot be written: what was to be printed is handed back
    ├── LoopAlreadyRunning       a synchronous call was made inside a running event loop
    └── DatabaseProblem          the database cannot be used as it is; it was left as it was
        ├── DatabaseMissing
        ├── DatabaseUnreachable
        ├── DatabaseLocked
        │   └── DatabaseContended
        ├── DatabaseReadOnly
        ├── DatabaseFull
        ├── DatabaseTooNew
        ├── DatabaseTooOld
        ├── SchemaChanged
        └── DatabaseForeign

Expected ends of work (a rejected message, a lead that is not enrolled) are values, not errors.
"""


class DriplineError(Exception):
    """Something went wrong that dripline can name."""


class InvalidInput(DriplineError, ValueError):
    """Something a person wrote cannot be used."""


class InvalidPhone(InvalidInput):
    """A phone number that cannot be one."""


class SeveralPhones(InvalidPhone):
    """Several phone numbers where one belongs. `first` is the first of them, as it is written."""

    def __init__(self, message: str, first: str) -> None:
        super().__init__(message)
        self.first = first


class InvalidEmail(InvalidInput):
    """An e-mail address that cannot be one."""


class InvalidTrigger(InvalidInput):
    """A trigger that is empty or holds what a token cannot hold."""


class InvalidDelay(InvalidInput):
    """A wait that is negative or unreadable."""


class InvalidTemplate(InvalidInput):
    """A message template that cannot be rendered."""


class InvalidSequence(InvalidInput):
    """A sequence that cannot be run as written."""


class NoSuchSequence(InvalidSequence):
    """A sequence that is not there."""


class InvalidSender(InvalidInput):
    """A sender that cannot be used as written."""


class NoSuchSender(InvalidSender):
    """A sender that is not there."""


class InvalidWindow(InvalidInput):
    """Hours or a time zone that cannot be read."""


class InvalidWorkspace(InvalidInput):
    """A setting of the workspace that cannot be used as written."""


class InvalidLead(InvalidInput):
    """A lead that nobody could reach."""


class InvalidNote(InvalidInput):
    """What cannot be written down about a lead."""


class InvalidSettings(InvalidInput):
    """A setting that cannot be used."""


class InvalidCredential(InvalidInput):
    """A credential of a sender that cannot be used, or is not there."""


class KeyMissing(InvalidCredential):
    """There is no key here that encrypts the credentials of senders, or it is not the one that encrypted this one."""


class InvalidAccess(InvalidInput):
    """A user, a token or a password that cannot be one."""


class InvalidFilter(InvalidInput):
    """A filter or a cursor of a list that cannot be used."""


class InvalidScenario(InvalidInput):
    """A simulation that cannot be played as asked."""


class InvalidImport(InvalidInput):
    """An import that is not there, or stands in another way than what is asked of it needs."""


class InvalidSubscription(InvalidInput):
    """A subscription to events that cannot be made as written, or is not there."""


class NoSuchSubscription(InvalidSubscription):
    """A subscription to events that is not there."""


class InvalidSource(InvalidInput):
    """A source of leads that cannot be made as written, or is not there, or a post of one that cannot be read."""


class NoSuchSource(InvalidSource):
    """A source of leads that is not there."""


class InvalidFile(InvalidInput):
    """A file that cannot be read as what it should be."""


class ChannelNotConfigured(DriplineError):
    """A sequence names a channel that this process does not have."""


class NotAllowed(DriplineError):
    """Whoever acts may not do that."""


class LoginFailed(DriplineError):
    """Nobody is let in by what was given."""


class TooManyTries(LoginFailed):
    """Too many log-ins failed: one has to wait."""


class PairingFailed(DriplineError):
    """A sender's account was not linked to a phone."""


class BusyLead(DriplineError):
    """A message to a lead is on its way."""


class OutputLost(DriplineError):
    """What messages are printed to cannot be written any more."""


class LoopAlreadyRunning(DriplineError):
    """A synchronous call was made inside a running event loop."""


class DatabaseProblem(DriplineError):
    """The database cannot be used as it is."""


class DatabaseAway(DatabaseProblem):
    """The database cannot be used now, and may be a moment later."""


class DatabaseMissing(DatabaseProblem):
    """There is no database of that name."""


class DatabaseUnreachable(DatabaseAway):
    """The database cannot be opened or reached."""


class DatabaseLocked(DatabaseAway):
    """Another program holds the database."""


class DatabaseContended(DatabaseLocked):
    """Another program wanted the same rows at the same moment, and got them; nothing was written."""


class DatabaseReadOnly(DatabaseProblem):
    """The database may not be written."""


class DatabaseFull(DatabaseAway):
    """There is no room left to write."""


class DatabaseTooNew(DatabaseProblem):
    """The database was made by a newer dripline."""


class DatabaseTooOld(DatabaseProblem):
    """The database was made by an older dripline, and nobody asked for a migration."""


class SchemaChanged(DatabaseProblem):
    """Another version of dripline has migrated the database while this one was at work."""


class DatabaseForeign(DatabaseProblem):
    """The file is not a dripline database."""
