"""Properties that are computed once for each object, by several threads at the same time for several objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class once(Generic[T]):
    """A functools.cached_property without its lock. Until Python 3.12 that lock is held for all objects of a class: a
    request for the picture of a small photo would wait until that of a large one is computed."""

    def __init__(self, compute: Callable[[Any], T]):
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> once[T]: ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> once[T] | T:
        if instance is None:
            return self
        # Python looks into the object before it asks here, as there is no __set__.
        value: T = instance.__dict__.setdefault(self._name, self._compute(instance))
        return value
