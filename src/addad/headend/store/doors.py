"""Who may come in: accounts, sessions, API keys, the setup link; of secrets, digests only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update

from addad.errors import InputError
from addad.headend.store.audit import AuditEntry
from addad.headend.store.audit import add as add_audit
from addad.headend.store.database import Store
from addad.headend.store.schema import account, api_key, session, setup_link

MAX_SESSIONS_PER_USER = 20


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in, and what they may do."""

    id: int
    name: str
    password_hash: str
    scopes: frozenset[str]


@dataclass(frozen=True)
class Session:
    """A signed-in browser: whose, since when, last seen when (microseconds since 1970 UTC)."""

    account: Account
    began_at_us: int
    seen_at_us: int


@dataclass(frozen=True)
class ApiKey:
    """A key for programs; the key itself was shown once and is not kept."""

    id: int
    name: str
    scopes: frozenset[str]
    made_by: str
    made_at_us: int
    revoked_at_us: int | None


def digest(secret: str) -> bytes:
    """What is kept of a random secret of full strength."""
    return hashlib.sha256(secret.encode()).digest()


def count_accounts(store: Store) -> int:
    """How many accounts there are; with none, the setup link is the only door."""
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(account)).scalar_one()


def put_setup_link(store: Store, token: str, now_us: int) -> None:
    """Make `token` the one link that works; an earlier one is void."""
    with store.write() as connection:
        connection.execute(delete(setup_link))
        connection.execute(insert(setup_link).values(token_hash=digest(token), made_at_us=now_us))


def setup_link_holds(store: Store, token: str) -> bool:
    """Whether `token` is the link of the day and not yet used."""
    with store.read() as connection:
        query = select(setup_link).where(setup_link.c.token_hash == digest(token))
        return connection.execute(query).first() is not None


def use_setup_link(
    store: Store, token: str, name: str, password_hash: str, scopes: Iterable[str], now_us: int
) -> Account | None:
    """Make the first account, burn the link; None when the link does not hold (any more)."""
    with store.write() as connection:
        burnt = connection.execute(
            delete(setup_link).where(setup_link.c.token_hash == digest(token))
        )
        taken = connection.execute(select(func.count()).select_from(account)).scalar_one()
        if burnt.rowcount == 0 or taken:
            return None
        row = {
            "name": name,
            "password_hash": password_hash,
            "scopes": " ".join(sorted(scopes)),
            "made_at_us": now_us,
        }
        key = connection.execute(insert(account).values(row)).inserted_primary_key
        assert key is not None
        add_audit(connection, AuditEntry(now_us, name, "setup", name, detail="first account made"))
    return Account(key[0], name, password_hash, frozenset(scopes))


def find_account(store: Store, name: str) -> Account | None:
    """The account of that name."""
    with store.read() as connection:
        row = connection.execute(select(account).where(account.c.name == name)).first()
    if row is None:
        return None
    return Account(row.id, row.name, row.password_hash, frozenset(row.scopes.split()))


def begin_session(store: Store, secret: str, holder: Account, now_us: int) -> None:
    """Let the browser that holds `secret` in, and say so in the audit."""
    with store.write() as connection:
        of_holder = session.c.user_id == holder.id
        keep = (
            select(session.c.id_hash)
            .where(of_holder)
            .order_by(session.c.seen_at_us.desc())
            .limit(MAX_SESSIONS_PER_USER - 1)
        )
        connection.execute(delete(session).where(of_holder, session.c.id_hash.not_in(keep)))
        connection.execute(
            insert(session).values(
                id_hash=digest(secret), user_id=holder.id, began_at_us=now_us, seen_at_us=now_us
            )
        )
        add_audit(connection, AuditEntry(now_us, holder.name, "login", holder.name))


def find_session(store: Store, secret: str) -> Session | None:
    """The session behind a cookie; whether it is too old is the caller's to say."""
    query = (
        select(session, account)
        .join(account, account.c.id == session.c.user_id)
        .where(session.c.id_hash == digest(secret))
    )
    with store.read() as connection:
        row = connection.execute(query).first()
    if row is None:
        return None
    holder = Account(row.user_id, row.name, row.password_hash, frozenset(row.scopes.split()))
    return Session(holder, row.began_at_us, row.seen_at_us)


def touch_session(store: Store, secret: str, now_us: int) -> None:
    """Note that the session's holder was there."""
    with store.write() as connection:
        connection.execute(
            update(session).where(session.c.id_hash == digest(secret)).values(seen_at_us=now_us)
        )


def end_session(store: Store, secret: str, who: str, now_us: int, why: str) -> None:
    """Close a session for good and say so in the audit."""
    with store.write() as connection:
        gone = connection.execute(delete(session).where(session.c.id_hash == digest(secret)))
        if gone.rowcount:
            add_audit(connection, AuditEntry(now_us, who, "logout", who, detail=why))


def put_api_key(
    store: Store,
    name: str,
    key: str,
    scopes: Iterable[str],
    made_by: str,
    now_us: int,
    replace: bool = False,
) -> ApiKey:
    """Keep a key's digest; `replace` revokes a key of that name, else it raises `InputError`."""
    with store.write() as connection:
        holds = (api_key.c.name == name, api_key.c.revoked_at_us.is_(None))
        if connection.execute(select(api_key).where(*holds)).first() is not None:
            if not replace:
                raise InputError(f"there is a key named {name!r}; choose another name")
            connection.execute(update(api_key).where(*holds).values(revoked_at_us=now_us))
            add_audit(connection, AuditEntry(now_us, made_by, "key.revoke", name, "replaced"))
        text = " ".join(sorted(scopes))
        row = {"name": name, "scopes": text, "made_by": made_by, "made_at_us": now_us}
        number = connection.execute(
            insert(api_key).values(**row, key_hash=digest(key))
        ).inserted_primary_key
        assert number is not None
        add_audit(connection, AuditEntry(now_us, made_by, "key.make", name, detail=text))
    return ApiKey(number[0], name, frozenset(scopes), made_by, now_us, None)


def find_api_key(store: Store, key: str) -> ApiKey | None:
    """The key that is presented, unless it is unknown or revoked."""
    query = select(api_key).where(
        api_key.c.key_hash == digest(key), api_key.c.revoked_at_us.is_(None)
    )
    with store.read() as connection:
        row = connection.execute(query).first()
    if row is None:
        return None
    scopes = frozenset(row.scopes.split())
    return ApiKey(row.id, row.name, scopes, row.made_by, row.made_at_us, row.revoked_at_us)


def api_key_holds(store: Store, number: int) -> bool:
    """Whether the key of that number is not revoked."""
    with store.read() as connection:
        holds = (api_key.c.id == number, api_key.c.revoked_at_us.is_(None))
        return connection.execute(select(api_key.c.id).where(*holds)).first() is not None


def list_api_keys(store: Store) -> list[ApiKey]:
    """All keys, revoked ones too, newest first."""
    with store.read() as connection:
        return [
            ApiKey(
                row.id,
                row.name,
                frozenset(row.scopes.split()),
                row.made_by,
                row.made_at_us,
                row.revoked_at_us,
            )
            for row in connection.execute(select(api_key).order_by(api_key.c.id.desc()))
        ]


def revoke_api_key(store: Store, number: int, who: str, now_us: int) -> bool:
    """Make a key void and say so in the audit; False when there is none such."""
    with store.write() as connection:
        there = connection.execute(
            update(api_key)
            .where(api_key.c.id == number, api_key.c.revoked_at_us.is_(None))
            .values(revoked_at_us=now_us)
        )
        if there.rowcount:
            add_audit(connection, AuditEntry(now_us, who, "key.revoke", str(number)))
    return bool(there.rowcount)
