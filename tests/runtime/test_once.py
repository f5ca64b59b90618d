"""Properties that are computed once."""

import threading

from colorizer.runtime.once import once


class Slow:
    """An object with a property that takes until it may end."""

    def __init__(self):
        self.begun, self.may_end, self.times = threading.Event(), threading.Event(), 0

    @once
    def value(self) -> int:
        """A value."""
        self.times += 1
        self.begun.set()
        assert self.may_end.wait(30)
        return 7


def test_no_object_waits_for_another():
    slow, quick = Slow(), Slow()
    quick.may_end.set()
    thread = threading.Thread(target=lambda: slow.value)
    thread.start()
    assert slow.begun.wait(30)
    other = threading.Thread(target=lambda: quick.value, daemon=True)
    other.start()
    other.join(10)
    assert quick.times == 1
    assert not other.is_alive()
    slow.may_end.set()
    thread.join(30)


def test_it_is_computed_once():
    quick = Slow()
    quick.may_end.set()
    assert (quick.value, quick.value, quick.times) == (7, 7, 1)
    assert Slow.value.__doc__ == "A value."
