"""One object of a logical device: its class, its name, and what stands behind each number.

Its element of an object list is that of Blue Book class 15.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from addad.cosem.classes.access import (
    AccessRightsList,
    AttributeAccessItem,
    MethodAccessItem,
    ObjectListElement,
)
from addad.cosem.classes.access_modes import (
    BITS_VERSION,
    BOOLEAN_VERSION,
    RequiredProtection,
    attribute_mode,
    method_mode,
)
from addad.cosem.classes.measurement import BufferAttribute
from addad.cosem.interface_class import (
    AttributeReads,
    AttributeWrites,
    Binding,
    InterfaceClass,
    MethodDoes,
)
from addad.dlms.security.suite import Protection
from addad.errors import InputError
from addad.obis import Obis

BindingT = TypeVar("BindingT", AttributeReads, AttributeWrites, MethodDoes)

PROFILE_SELECTORS: Final = (1, 2)


class CosemObject:
    """One object: its class, its name, and what stands behind its attributes and methods."""

    __slots__ = ("does", "interface_class", "logical_name", "reads", "writes")

    def __init__(
        self, interface_class: type[InterfaceClass], logical_name: Obis, *bindings: Binding
    ) -> None:
        """Raises `InputError` for a binding of another class, or two for the same thing."""
        self.interface_class = interface_class
        self.logical_name = logical_name
        self.reads: dict[int, AttributeReads] = {}
        self.writes: dict[int, AttributeWrites] = {}
        self.does: dict[int, MethodDoes] = {}
        name_binding = interface_class.logical_name.reads(lambda: logical_name)
        for binding in (name_binding, *bindings):
            if isinstance(binding, AttributeReads):
                self._bind(self.reads, binding.attribute.index, binding.attribute.owner, binding)
            elif isinstance(binding, AttributeWrites):
                self._bind(self.writes, binding.attribute.index, binding.attribute.owner, binding)
            else:
                self._bind(self.does, binding.method.index, binding.method.owner, binding)

    def _bind(
        self,
        table: dict[int, BindingT],
        index: int,
        owner: type[InterfaceClass],
        binding: BindingT,
    ) -> None:
        if owner is not self.interface_class:
            raise InputError(
                f"{self}: a {owner.__name__} binding on a {self.interface_class.__name__} object"
            )
        if index in table:
            raise InputError(f"{self}: number {index} is bound twice")
        table[index] = binding

    def __repr__(self) -> str:
        return f"{self.interface_class.__name__} {self.logical_name}"

    def allowed(self, may: Callable[[CosemObject, Binding], bool]) -> CosemObject:
        """The same object with only those bindings that an association may use."""
        bindings: list[Binding] = [
            *(b for i, b in self.reads.items() if i != 1),
            *self.writes.values(),
            *self.does.values(),
        ]
        return CosemObject(
            self.interface_class, self.logical_name, *(b for b in bindings if may(self, b))
        )

    def list_element(
        self,
        version: int = 1,
        demands: Callable[[CosemObject, Binding], RequiredProtection] | None = None,
    ) -> ObjectListElement:
        """This object in the list of an association of that version.

        The access modes are those of what is bound, with the protection that it demands as far as
        the version can say it.
        """

        def demanded(*bindings: Binding | None) -> RequiredProtection:
            found = [demands(self, b) for b in bindings if b is not None and demands is not None]
            request, response = Protection.NONE, Protection.NONE
            for one in found:
                request, response = request | one.request, response | one.response
            return _sayable(RequiredProtection(request, response), version)

        attributes = []
        for index, attribute in self.interface_class.attributes.items():
            reads, writes = self.reads.get(index), self.writes.get(index)
            mode = attribute_mode(
                version,
                read=reads is not None,
                write=writes is not None,
                required=demanded(reads, writes),
            )
            selectors = PROFILE_SELECTORS if isinstance(attribute, BufferAttribute) else None
            attributes.append(AttributeAccessItem(index, mode, selectors))
        methods = []
        for index in self.interface_class.methods:
            does = self.does.get(index)
            required = demanded(does) if version != BOOLEAN_VERSION else RequiredProtection()
            mode = method_mode(version, access=does is not None, required=required)
            methods.append(MethodAccessItem(index, mode))
        return ObjectListElement(
            self.interface_class.class_id,
            self.interface_class.version,
            self.logical_name,
            AccessRightsList(tuple(attributes), tuple(methods)),
        )


def _sayable(required: RequiredProtection, version: int) -> RequiredProtection:
    if version >= BITS_VERSION:
        return required
    return RequiredProtection(required.request & Protection.AUTHENTICATION)
