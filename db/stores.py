"""All repositories, grouped for gateways, workers, operators' commands and tests."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from db.account_deletion import AccountDeletion
from db.account_events import AccountEvents
from db.accounts import Accounts
from db.answers import Answers
from db.api_tokens import ApiTokens
from db.audit import AuditLog
from db.corrected_scores import CorrectedScores
from db.corrections import Corrections
from db.expiry import ExpiredRows
from db.failures import Failures
from db.idempotency import IdempotencyKeys
from db.identities import Identities
from db.invitations import Invitations
from db.leaderboard import Leaderboard
from db.live_runs import LiveRuns
from db.media import Media
from db.moderation import AnswerModeration
from db.moving import MoveCodes
from db.one_time_tokens import OneTimeTokens
from db.operator_actions import OperatorActions
from db.outgoing_mail import Inbox, OutgoingMail
from db.passkeys import Passkeys, UsedChallenges
from db.players import Players
from db.presence import Presence
from db.quiz_drafts import QuizDrafts
from db.quizzes import Quizzes
from db.quotas import QuotaUsage
from db.rate_limit import RateLimiter
from db.receipts import Receipts
from db.recovery_codes import RecoveryCodes
from db.redis import RedisClient
from db.remembered import Remembered
from db.removed import RemovedPlayers
from db.rescoring import Rescoring
from db.results import Results
from db.retention import Retention, RetentionPeriods
from db.reviews import Reviews
from db.roster import Roster
from db.run_state import RunStates
from db.runs import Runs
from db.scoring import OnScored, Scoring
from db.seating import Departures
from db.sessions import Sessions
from db.sharing import Sharing
from db.teams import Teams
from db.totp import Totps
from db.used_once import UsedOnce
from db.waiting import WaitingPlayers


class AuthStores:
    """Accounts and their credentials."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.accounts = Accounts(engine)
        self.deletion = AccountDeletion(engine)
        self.events = AccountEvents(engine)
        self.sessions = Sessions(engine)
        self.api_tokens = ApiTokens(engine)
        self.one_time_tokens = OneTimeTokens(engine)
        self.identities = Identities(engine)
        self.passkeys = Passkeys(engine)
        self.used_challenges = UsedChallenges(engine)
        self.totps = Totps(engine)
        self.recovery_codes = RecoveryCodes(engine)


class LibraryStores:
    """Quizzes, and the rights on them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.quizzes = Quizzes(engine)
        self.drafts = QuizDrafts(engine)
        self.media = Media(engine)
        self.sharing = Sharing(engine)
        self.invitations = Invitations(engine)
        self.teams = Teams(engine)


class PlayStores:
    """Live runs."""

    def __init__(
        self,
        engine: AsyncEngine,
        redis: RedisClient,
        on_scored: OnScored | None = None,
        *,
        answer_engine: AsyncEngine | None = None,
    ) -> None:
        """`answer_engine` has the connections that record answers, with generic plans."""
        self.runs = Runs(engine)
        self.run_states = RunStates(redis, self.runs)
        self.live_runs = LiveRuns(engine)
        self.players = Players(engine)
        self.roster = Roster(engine)
        self.presence = Presence(redis)
        self.removed = RemovedPlayers(engine)
        self.waiting = WaitingPlayers(engine)
        self.departures = Departures(engine)
        self.move_codes = MoveCodes(engine)
        self.answers = Answers(engine, answer_engine)
        self.moderation = AnswerModeration(engine)
        self.receipts = Receipts(engine)
        self.scoring = Scoring(engine, on_scored=on_scored)
        self.leaderboard = Leaderboard(redis)


class ReportStores:
    """Reports and corrections of runs."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.results = Results(engine)
        self.reviews = Reviews(engine)
        self.corrections = Corrections(engine)
        self.corrected_scores = CorrectedScores(engine)
        self.rescoring = Rescoring(engine)


class OperationStores:
    """Idempotency, rate limits, mail, and operators' actions."""

    def __init__(self, engine: AsyncEngine, redis: RedisClient) -> None:
        self._engine, self._redis = engine, redis
        self.idempotency_keys = IdempotencyKeys(engine)
        self.quota_usage = QuotaUsage(engine)
        self.rate_limiter = RateLimiter(redis)
        self.used_once = UsedOnce(redis)
        self.remembered = Remembered(redis)
        self.outgoing_mail = OutgoingMail(engine)
        self.inbox = Inbox(engine)
        self.actions = OperatorActions(engine)
        self.audit = AuditLog(engine)

    def failures(self, window_s: float) -> Failures:
        """Build a counter of failures in windows of `window_s`."""
        return Failures(self._redis, window_s)

    def expired_rows(self, log_days: int, audit_days: int) -> ExpiredRows:
        """Rows past their time; see `ExpiredRows`."""
        return ExpiredRows(self._engine, log_days, audit_days)

    def retention(self, periods: RetentionPeriods) -> Retention:
        """Data of finished runs, kept for `periods`."""
        return Retention(self._engine, periods)


class Stores:
    """All repositories of a process. Nothing is connected before it is used."""

    def __init__(
        self,
        engine: AsyncEngine,
        redis: RedisClient,
        on_scored: OnScored | None = None,
        *,
        live_engine: AsyncEngine | None = None,
        answer_engine: AsyncEngine | None = None,
    ) -> None:
        """`live_engine` has the connections of `live`, except those that record answers, which are
        `answer_engine`'s. Without them all share the connections of `engine`.
        """
        self.auth = AuthStores(engine)
        self.library = LibraryStores(engine)
        self.play = PlayStores(engine, redis, on_scored)
        self.live = PlayStores(live_engine or engine, redis, on_scored, answer_engine=answer_engine)
        self.reports = ReportStores(engine)
        self.operations = OperationStores(engine, redis)
