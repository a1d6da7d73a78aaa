"""Who is connected to which namespace, and in which rooms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from socketio import AsyncManager

from gateway.transport.encoding import ack, prefix
from gateway.transport.session import Session

CONNECTING, CONNECTED, LEAVING = range(3)

Callback = Callable[..., Any]


class Member:
    """A session's connection to a namespace. `callbacks` waits for acknowledgements by id; `data`
    is the application's.

    `rooms` is a tuple, since most are in one room only and a set takes 216 bytes.
    """

    __slots__ = ("callbacks", "data", "last_id", "namespace", "rooms", "session", "sid", "state")

    def __init__(self, sid: str, session: Session, namespace: Namespace) -> None:
        self.sid = sid
        self.session = session
        self.namespace = namespace
        self.state = CONNECTING
        self.rooms: tuple[Any, ...] = ()
        self.callbacks: dict[int, Callback] | None = None
        self.last_id = 0
        self.data: Any = None

    def ack(self, ack_id: int, *args: Any) -> bool:
        """Acknowledge an event; False if the client has gone meanwhile."""
        if self.state != CONNECTED:
            return False
        self.session.deliver(ack(self.namespace.prefix, ack_id, args))
        return True

    def expect_ack(self, callback: Callback) -> int:
        """The id under which the client will acknowledge."""
        if self.callbacks is None:
            self.callbacks = {}
        self.last_id += 1
        self.callbacks[self.last_id] = callback
        return self.last_id


class Namespace:
    """`members` by sid, also those that come or go; in `rooms` are only the connected ones."""

    __slots__ = ("members", "name", "prefix", "rooms")

    def __init__(self, name: str) -> None:
        self.name = name
        self.prefix = prefix(name)
        self.members: dict[str, Member] = {}
        self.rooms: dict[Any, dict[str, Member]] = {}

    def audience(self, room: Any) -> Iterable[Member]:
        """Whom an emit to `room` reaches: None is everyone, a list several rooms, a sid one."""
        if room is None:
            return [member for member in self.members.values() if member.state == CONNECTED]
        if isinstance(room, list | tuple | set):
            return {m.sid: m for name in room for m in self.audience(name)}.values()
        if room in self.rooms:
            return self.rooms[room].values()
        member = self.members.get(room)
        return (member,) if member is not None and member.state == CONNECTED else ()


FastHandler = Callable[[Member, list[Any], int | None], Any]


class Rooms(AsyncManager):  # type: ignore[misc]
    """The manager of a `SocketServer`, with the methods of the stock one.

    That keeps two dictionaries for each socket's own room (1 KB) and looks through all rooms
    when one leaves.
    """

    def __init__(self) -> None:
        super().__init__()
        self.namespaces: dict[str, Namespace] = {}

    def namespace(self, name: str) -> Namespace:
        """The namespace of this name, which may be new."""
        found = self.namespaces.get(name)
        if found is None:
            found = self.namespaces[name] = Namespace(name)
        return found

    def member(self, sid: str, namespace: str) -> Member | None:
        """Who has this id."""
        found = self.namespaces.get(namespace)
        return found.members.get(sid) if found is not None else None

    def add(self, session: Session, name: str) -> Member:
        """Begin a session's connection to a namespace."""
        namespace = self.namespace(name)
        member = Member(self.server.eio.generate_id(), session, namespace)
        namespace.members[member.sid] = member
        session.members[name] = member
        return member

    def accept(self, member: Member) -> None:
        """The connection stands. The rooms it has entered before reach it from now on."""
        member.state = CONNECTED
        for room in member.rooms:
            _enter(member, room)

    def leave_all(self, member: Member) -> None:
        """Let no more room reach this member, though it still can be asked about."""
        member.state = LEAVING
        for room in member.rooms:
            _leave(member, room)

    def remove(self, member: Member) -> None:
        """End the connection to the namespace."""
        self.leave_all(member)
        member.namespace.members.pop(member.sid, None)
        member.callbacks = None
        if member.session.members.get(member.namespace.name) is member:
            member.session.members[member.namespace.name] = None

    def get_namespaces(self) -> list[str]:
        """Those with someone in them."""
        return [name for name, namespace in self.namespaces.items() if namespace.members]

    def get_participants(self, namespace: str, room: Any) -> Iterator[tuple[str, str]]:
        """The sid and the Engine.IO sid of everyone in a room."""
        for member in list(self.namespace(namespace).audience(room)):
            yield member.sid, member.session.sid

    def is_connected(self, sid: str, namespace: str) -> bool:
        """Whether a client is, and neither on its way in nor out."""
        member = self.member(sid, namespace)
        return member is not None and member.state == CONNECTED

    def sid_from_eio_sid(self, eio_sid: str, namespace: str) -> str | None:
        """A session's id in a namespace."""
        session = self.server.eio.sockets.get(eio_sid)
        member = session.members.get(namespace) if session is not None else None
        return member.sid if member is not None else None

    def eio_sid_from_sid(self, sid: str, namespace: str) -> str | None:
        """The id of the session behind a namespace's sid."""
        member = self.member(sid, namespace)
        return member.session.sid if member is not None else None

    def get_rooms(self, sid: str, namespace: str) -> list[Any]:
        """The rooms a client is in, among them its own."""
        member = self.member(sid, namespace)
        return [sid, *member.rooms] if member is not None else []

    def basic_enter_room(
        self, sid: str, namespace: str, room: Any, eio_sid: str | None = None
    ) -> None:
        """Let a client hear what is sent to a room."""
        del eio_sid
        member = self.member(sid, namespace)
        if member is None or member.state == LEAVING:
            raise ValueError("sid is not connected to requested namespace")
        if room in member.namespace.members:
            if room != sid:
                raise ValueError("cannot enter a sid room")
            return
        if room not in member.rooms:
            member.rooms = (*member.rooms, room)
        if member.state == CONNECTED:
            _enter(member, room)

    def basic_leave_room(self, sid: str, namespace: str, room: Any) -> None:
        """Remove a client from a room."""
        member = self.member(sid, namespace)
        if member is not None and room in member.rooms:
            member.rooms = tuple(name for name in member.rooms if name != room)
            _leave(member, room)

    def basic_close_room(self, room: Any, namespace: str) -> None:
        """Send everyone out of a room."""
        if room in self.namespace(namespace).members:
            raise ValueError("cannot close a sid room")
        for member in list(self.namespace(namespace).rooms.get(room, {}).values()):
            self.basic_leave_room(member.sid, namespace, room)


def _enter(member: Member, room: Any) -> None:
    member.namespace.rooms.setdefault(room, {})[member.sid] = member


def _leave(member: Member, room: Any) -> None:
    present = member.namespace.rooms.get(room)
    if present is not None:
        present.pop(member.sid, None)
        if not present:
            del member.namespace.rooms[room]
