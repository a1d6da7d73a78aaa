"""The client manager: who is connected to which namespace, and in which rooms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from socketio import AsyncManager

from gateway.transport.packets import Namespace
from gateway.transport.session import CONNECTED, LEAVING, Member, Session


class Audience(Namespace):
    """The clients of a namespace. `members` by sid include those that come or go; `rooms` hold
    only connected ones.
    """

    __slots__ = ("members", "rooms")

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.members: dict[str, Member] = {}
        self.rooms: dict[Any, dict[str, Member]] = {}

    def of(self, room: Any) -> Iterable[Member]:
        """Whom an emit to `room` reaches: None is everyone, a list several rooms, a sid one."""
        if room is None:
            return [member for member in self.members.values() if member.state == CONNECTED]
        if isinstance(room, list | tuple | set):
            return {m.sid: m for name in room for m in self.of(name)}.values()
        if room in self.rooms:
            return self.rooms[room].values()
        member = self.members.get(room)
        return (member,) if member is not None and member.state == CONNECTED else ()

    def enter(self, member: Member, room: Any) -> None:
        """Let what is sent to a room reach a member."""
        self.rooms.setdefault(room, {})[member.sid] = member

    def leave(self, member: Member, room: Any) -> None:
        """Remove a member from a room; an empty room is forgotten."""
        present = self.rooms.get(room)
        if present is not None:
            present.pop(member.sid, None)
            if not present:
                del self.rooms[room]


class ClientManager(AsyncManager):  # type: ignore[misc]
    """A drop-in replacement for the stock manager, which keeps two dictionaries for each socket's
    own room (1 KB) and looks through all rooms when one leaves.
    """

    def __init__(self) -> None:
        super().__init__()
        self.namespaces: dict[str, Audience] = {}

    def namespace(self, name: str) -> Audience:
        """The namespace of this name, created if need be."""
        found = self.namespaces.get(name)
        if found is None:
            found = self.namespaces[name] = Audience(name)
        return found

    def member(self, sid: str, namespace: str) -> Member | None:
        """The member with this id."""
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
        """Mark a member as connected. Rooms it entered before reach it from now on."""
        member.state = CONNECTED
        audience = self.namespace(member.namespace.name)
        for room in member.rooms:
            audience.enter(member, room)

    def leave_all(self, member: Member) -> None:
        """Remove a member from all rooms. Handlers can still ask about it."""
        member.state = LEAVING
        audience = self.namespace(member.namespace.name)
        for room in member.rooms:
            audience.leave(member, room)

    def remove(self, member: Member) -> None:
        """Forget a member."""
        self.leave_all(member)
        self.namespace(member.namespace.name).members.pop(member.sid, None)
        member.callbacks = None
        members = member.session.members
        if members.get(member.namespace.name) is member:
            members[member.namespace.name] = None
        if not any(members.values()):  # a session that has left must join again, or go
            member.session.settled = False

    def get_namespaces(self) -> list[str]:
        """The namespaces that have members."""
        return [name for name, namespace in self.namespaces.items() if namespace.members]

    def get_participants(self, namespace: str, room: Any) -> Iterator[tuple[str, str]]:
        """The sid and the Engine.IO sid of everyone in a room."""
        for member in list(self.namespace(namespace).of(room)):
            yield member.sid, member.session.sid

    def is_connected(self, sid: str, namespace: str) -> bool:
        """Whether a client is connected: not only coming, nor already leaving."""
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
        """The rooms a client is in, including its own."""
        member = self.member(sid, namespace)
        return [sid, *member.rooms] if member is not None else []

    def basic_enter_room(
        self, sid: str, namespace: str, room: Any, eio_sid: str | None = None
    ) -> None:
        """Add a client to a room."""
        del eio_sid
        member = self.member(sid, namespace)
        if member is None or member.state == LEAVING:
            raise ValueError("sid is not connected to requested namespace")
        audience = self.namespace(namespace)
        if room in audience.members:
            if room != sid:
                raise ValueError("cannot enter a sid room")
            return
        if room not in member.rooms:
            member.rooms = (*member.rooms, room)
        if member.state == CONNECTED:
            audience.enter(member, room)

    def basic_leave_room(self, sid: str, namespace: str, room: Any) -> None:
        """Remove a client from a room."""
        member = self.member(sid, namespace)
        if member is not None and room in member.rooms:
            member.rooms = tuple(name for name in member.rooms if name != room)
            self.namespace(namespace).leave(member, room)

    def basic_close_room(self, room: Any, namespace: str) -> None:
        """Remove everyone from a room."""
        if room in self.namespace(namespace).members:
            raise ValueError("cannot close a sid room")
        for member in list(self.namespace(namespace).rooms.get(room, {}).values()):
            self.basic_leave_room(member.sid, namespace, room)
