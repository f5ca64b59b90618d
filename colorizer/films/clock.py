"""The times of films whose clock begins anew in the middle, as that of camera files that were joined end to end."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

NEAR = 8
"""Frames by which a time may be off, where frames are stored in a wrong order, without a new clock."""


@dataclass
class Clock:
    """Gives a film's frames times that only grow."""

    step: int
    """Ticks from a frame to the next, on average."""
    farthest: float
    """Ticks that a frame may be late before the clock is another."""
    added: list[int] = field(default_factory=lambda: [0])
    """Ticks that were added to the times, by all clocks so far."""
    last: int | None = None
    """When the last frame is shown."""

    def shown(self, pts: int | None) -> int:
        """When the next frame is shown, which says `pts` or nothing."""
        if self.last is None:
            self.last = pts or 0
            return self.last
        due, near = self.last + self.step, NEAR * self.step
        if pts is None:
            pts = due - self.added[-1]
        off = pts + self.added[-1] - due
        if abs(off) > near:
            known = [each for each in self.added if abs(pts + each - due) <= near]
            if known:  # one time was bad, and now all is as before
                self.added.append(known[-1])
            elif off < 0 or off > self.farthest:
                self.added.append(due - pts)
        now = pts + self.added[-1]
        self.last = max(now, self.last + 1)
        return self.last


def nearest(clocks: list[Fraction], time: Fraction, now: Fraction) -> Fraction:
    """The number to add to a time, so that it comes nearest to the time read before. clocks: all that there are."""
    return min(clocks, key=lambda each: abs(time + each - now))
