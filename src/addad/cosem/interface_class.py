"""Interface classes as typed, numbered constants that the client and the meter share.

An attribute knows its index, its COSEM type and its owner; the type knows the Python one. So a type
checker knows what `client.get(obis, Register.scaler_unit)` gives, and refuses a row of a meter's
object list that would answer with something else. Class, attribute and method numbers: Blue Book,
as collected in the house's table of classes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Generic, Protocol, TypeAlias, TypeVar, cast, overload

from addad.dlms.apdu.descriptors import AnySelection, AttributeDescriptor, MethodDescriptor
from addad.dlms.blocks import Encodable
from addad.dlms.callbacks import check_called
from addad.dlms.data import NULL, Data
from addad.dlms.results import ActionOutcome, DataAccessResult
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.suite import Protection
from addad.dlms.types import DataType, Integer, LogicalName
from addad.errors import AccessError, DecodeError, SecurityError
from addad.obis import Obis

T = TypeVar("T")
U = TypeVar("U")
P = TypeVar("P")
R = TypeVar("R")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class AttributeReads:
    """What a GET of one attribute of one object answers: the octets of its value.

    `encode_for` is there beside `encode` where it matters who reads; that takes long.
    """

    attribute: Attribute[object]
    encode: Callable[[AnySelection | None], Encodable]
    encode_for: Callable[[AnySelection | None, Caller], Encodable] | None = None


@dataclass(frozen=True, slots=True)
class AttributeWrites:
    """What a SET of one attribute of one object does with the value, already of its type.

    `accept_for` is there in place of `accept` where it matters who writes.
    """

    attribute: Attribute[object]
    accept: Callable[[Data], None]
    costly: bool = False
    """Whether it takes so long that one request may do it only a few times."""
    accept_for: Callable[[Data, Caller], None] | None = None

    def take(self, data: Data, caller: Caller | None) -> None:
        """Write it; raises `AccessError` where it matters who writes and nobody does."""
        if self.accept_for is None:
            self.accept(data)
        elif caller is None:
            raise AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)
        else:
            self.accept_for(data, caller)


class Caller(Protocol):
    """On whose behalf something is done: whatever is done for him, he could do himself.

    Nothing that is done so asks again on whose behalf it is done.
    """

    @property
    def protection(self) -> Protection:
        """What was applied to his request and verified."""
        ...

    @property
    def security(self) -> SecurityContext | None:
        """The security of his association, None without keys."""
        ...

    def proved(self, protection: Protection, broadcast: bool) -> Caller:
        """The same with what else was verified; `broadcast` says that a group could make it."""
        ...

    def insecure(self, error: SecurityError) -> None:
        """Tell that a protection of his did not stand."""
        ...

    def get(self, descriptor: AttributeDescriptor) -> Encodable | DataAccessResult:
        """The octets of an attribute as the caller may read it, or why not."""
        ...

    def may_set(self, descriptor: AttributeDescriptor) -> DataAccessResult:
        """Whether the caller may write an attribute, whatever the value."""
        ...

    def set(self, descriptor: AttributeDescriptor, data: Data) -> DataAccessResult:
        """Write an attribute as the caller may, or why not."""
        ...

    def action(self, descriptor: MethodDescriptor, data: Data | None) -> ActionOutcome:
        """Run a method as the caller may, but none that again runs others."""
        ...


@dataclass(frozen=True, slots=True)
class MethodDoes:
    """What an ACTION on one object does; gives the octets of the return value, or none.

    `invoke_for` is there in place of `invoke` where it matters who calls.
    """

    method: Method[object, object]
    invoke: Callable[[Data | None], bytes | None]
    invoke_for: Callable[[Data | None, Caller], bytes | None] | None = None
    costly: bool = False
    """As of `AttributeWrites`."""

    def run(self, data: Data | None, caller: Caller | None) -> bytes | None:
        """Do it; raises `AccessError` where it matters who calls and nobody does."""
        if self.invoke_for is None:
            return self.invoke(data)
        if caller is None:
            raise AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)
        return self.invoke_for(data, caller)


Binding: TypeAlias = AttributeReads | AttributeWrites | MethodDoes


class DecodedValue(Protocol[T_co]):
    """The type of a value that is only read."""

    def decode(self, octets: bytes) -> T_co:
        """Read octets, tag first, to the end; raises `DecodeError`."""
        ...


class Readable(Protocol[T_co]):
    """An attribute as a GET sees it: what gives an int will do where any value will."""

    @property
    def type(self) -> DecodedValue[T_co]:
        """The COSEM type, which knows the Python one."""
        ...

    def of(self, logical_name: Obis, selection: AnySelection | None = None) -> AttributeDescriptor:
        """This attribute of the object with that logical name."""
        ...


class Attribute(Generic[T]):
    """An attribute of an interface class: its index and its COSEM type."""

    __slots__ = ("index", "name", "owner", "type")

    owner: type[InterfaceClass]
    name: str

    def __init__(self, index: int, data_type: DataType[T]) -> None:
        self.index = index
        self.type = data_type

    def __set_name__(self, owner: type[InterfaceClass], name: str) -> None:
        self.owner = owner
        self.name = name

    def __repr__(self) -> str:
        return f"{self.owner.__name__}.{self.name}"

    def copy_for(self, owner: type[InterfaceClass]) -> Attribute[T]:
        """The same attribute, inherited by another class."""
        copied = type(self)(self.index, self.type)
        copied.__set_name__(owner, self.name)
        return copied

    def typed(self, data_type: DataType[U]) -> Attribute[U]:
        """The same attribute where its CHOICE is known: `Register.value.typed(LongUnsigned)`."""
        narrowed = Attribute(self.index, data_type)
        narrowed.__set_name__(self.owner, self.name)
        return narrowed

    def of(self, logical_name: Obis, selection: AnySelection | None = None) -> AttributeDescriptor:
        """This attribute of the object with that logical name, as a GET or SET names it."""
        return AttributeDescriptor(self.owner.class_id, logical_name, self.index, selection)

    def reads(self, source: Callable[[], T]) -> AttributeReads:
        """Answer GET with what `source` gives; it may raise `AccessError` to refuse."""
        check_called(source)
        encode = self.type.encode

        def octets(selection: AnySelection | None) -> bytes:
            if selection is not None:
                raise AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)
            return encode(source())

        return AttributeReads(cast("Attribute[object]", self), octets)

    def writes(self, sink: Callable[[T], None], *, costly: bool = False) -> AttributeWrites:
        """Hand a SET's whole, typed value to `sink`, which may raise `AccessError` to refuse.

        What is `costly` one request may do only a few times.
        """
        check_called(sink)

        def accept(data: Data) -> None:
            sink(self._taken(data))

        return AttributeWrites(cast("Attribute[object]", self), accept, costly)

    def reads_for(self, source: Callable[[], T], made: Callable[[Caller], T]) -> AttributeReads:
        """Answer GET with what is `made` for who asks; `source` is what is there without that."""
        check_called(made)
        plain = self.reads(source)

        def octets(selection: AnySelection | None, caller: Caller) -> bytes:
            if selection is not None:
                raise AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)
            return self.type.encode(made(caller))

        return AttributeReads(plain.attribute, plain.encode, octets)

    def writes_for(self, sink: Callable[[T, Caller], None]) -> AttributeWrites:
        """Like `writes`, costly, and `sink` is told on whose behalf."""
        check_called(sink)

        def accept(data: Data) -> None:
            raise AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)

        def accept_for(data: Data, caller: Caller) -> None:
            sink(self._taken(data), caller)

        return AttributeWrites(cast("Attribute[object]", self), accept, True, accept_for)

    def _taken(self, data: Data) -> T:
        try:
            return self.type.from_data(data)
        except DecodeError:
            raise AccessError(DataAccessResult.TYPE_UNMATCHED) from None


class Method(Generic[P, R]):
    """A method of an interface class: its index, and the types of what goes in and comes back."""

    __slots__ = ("index", "name", "owner", "parameter", "result")

    owner: type[InterfaceClass]
    name: str

    @overload
    def __init__(self: Method[int, None], index: int) -> None: ...
    @overload
    def __init__(self: Method[P, None], index: int, parameter: DataType[P]) -> None: ...
    @overload
    def __init__(
        self: Method[P, R], index: int, parameter: DataType[P], result: DataType[R]
    ) -> None: ...
    def __init__(
        self,
        index: int,
        parameter: DataType[P] | None = None,
        result: DataType[R] | None = None,
    ) -> None:
        self.index = index
        self.parameter: DataType[P] = parameter or cast("DataType[P]", Integer)
        self.result = result

    def __set_name__(self, owner: type[InterfaceClass], name: str) -> None:
        self.owner = owner
        self.name = name

    def __repr__(self) -> str:
        return f"{self.owner.__name__}.{self.name}"

    def copy_for(self, owner: type[InterfaceClass]) -> Method[P, R]:
        """The same method, inherited by another class."""
        copied: Method[P, R] = Method.__new__(Method)
        copied.index, copied.parameter, copied.result = self.index, self.parameter, self.result
        copied.__set_name__(owner, self.name)
        return copied

    def of(self, logical_name: Obis) -> MethodDescriptor:
        """This method of the object with that logical name, as an ACTION names it."""
        return MethodDescriptor(self.owner.class_id, logical_name, self.index)

    @property
    def _needs_none(self) -> bool:
        """Whether the parameter is the integer(0) that says nothing."""
        return self.parameter is cast("DataType[P]", Integer)

    def does(self, act: Callable[[P], R], *, costly: bool = False) -> MethodDoes:
        """Run `act` on ACTION. A missing parameter counts as integer(0) where that is the type.

        What is `costly` one request may do only a few times.
        """
        check_called(act)

        def invoke(data: Data | None) -> bytes | None:
            return self._answer(act(self._taken(data)))

        return MethodDoes(cast("Method[object, object]", self), invoke, costly=costly)

    def does_for(self, act: Callable[[P, Caller], R], *, costly: bool = False) -> MethodDoes:
        """Like `does`, and `act` is told on whose behalf."""
        check_called(act)

        def invoke(data: Data | None) -> bytes | None:
            raise AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)

        def invoke_for(data: Data | None, caller: Caller) -> bytes | None:
            return self._answer(act(self._taken(data), caller))

        return MethodDoes(cast("Method[object, object]", self), invoke, invoke_for, costly)

    def _taken(self, data: Data | None) -> P:
        if self._needs_none and data in (None, NULL):
            return cast("P", 0)
        if data is None:
            raise AccessError(DataAccessResult.TYPE_UNMATCHED)
        try:
            return self.parameter.from_data(data)
        except DecodeError:
            raise AccessError(DataAccessResult.TYPE_UNMATCHED) from None

    def _answer(self, result: R) -> bytes | None:
        return None if self.result is None else self.result.encode(result)


class InterfaceClass:
    """Attributes and methods under a class identifier and a version; never instantiated."""

    class_id: ClassVar[int] = 0
    version: ClassVar[int] = 0
    attributes: ClassVar[dict[int, Attribute[object]]] = {}
    methods: ClassVar[dict[int, Method[object, object]]] = {}

    logical_name: ClassVar[Attribute[Obis]] = Attribute(1, LogicalName)

    def __init_subclass__(cls) -> None:
        """Collect the constants by number; copies of inherited ones know the new class."""
        attributes: dict[int, Attribute[object]] = {}
        methods: dict[int, Method[object, object]] = {}
        redefined = set(vars(cls))
        for ancestor in reversed(cls.__mro__):
            for name, constant in list(vars(ancestor).items()):
                if not isinstance(constant, Attribute | Method):
                    continue
                if ancestor is not cls and name in redefined:
                    continue
                own = constant if ancestor is cls else constant.copy_for(cls)
                setattr(cls, name, own)
                if isinstance(own, Attribute):
                    attributes[own.index] = own
                else:
                    methods[own.index] = own
        cls.attributes = dict(sorted(attributes.items()))
        cls.methods = dict(sorted(methods.items()))
