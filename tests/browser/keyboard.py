"""Somebody with a keyboard and no mouse: every stop of their way is looked at.

Nothing here fills a field, focuses an element or presses a button by itself: keys do, as they do for a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from tests.browser.conftest import Walker

MOST_STOPS = 60
ROUND = 400
"""More stops than any page has."""
STOP = """([forward, selector]) => {
  const one = document.activeElement, before = window.lastStop, faults = [];
  if (!one || one === document.body || one === document.documentElement) return {name: '', faults, there: false};
  const name = e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + ' ' + (e.name || e.getAttribute('href') || e.className || '') + ' ' + (e.textContent || '').trim().slice(0, 30);
  const drawn = e => { const s = getComputedStyle(e); return {
    width: s.outlineStyle === 'none' ? 0 : parseFloat(s.outlineWidth), offset: parseFloat(s.outlineOffset), shadow: s.boxShadow, colour: s.outlineColor}; };
  const said = name(one), look = drawn(one);

  // A sign of focus: two pixels at least, another look than without it, and not cut away by a box around it.
  if (look.width < 2 && look.shadow === 'none') faults.push('has no sign of focus');
  if (before && before.one !== one && before.one.isConnected && JSON.stringify(drawn(before.one)) === JSON.stringify(before.look))
    faults.push('follows ' + name(before.one) + ', which looks the same without focus');

  // Wholly in the window unless it is larger than half of it, and nothing lies over it.
  const screen = {w: document.documentElement.clientWidth, h: innerHeight};
  const boxes = [...one.getClientRects()].filter(b => b.width > 1 && b.height > 1);
  if (!boxes.length) faults.push('takes no room');
  else {
    const all = one.getBoundingClientRect(), b = boxes[0];
    const seen = {x1: Math.max(b.left, 0), x2: Math.min(b.right, screen.w), y1: Math.max(b.top, 0), y2: Math.min(b.bottom, screen.h)};
    if (seen.x2 - seen.x1 < 2 || seen.y2 - seen.y1 < 2) faults.push('is out of the window');
    else {
      if (all.height <= screen.h / 2 && (all.top < -1 || all.bottom > screen.h + 1)) faults.push('is partly above or below the window');
      if (all.width <= screen.w && (all.left < -1 || all.right > screen.w + 1)) faults.push('is partly beside the window');
      const inset = (from, to) => [from + Math.min(4, (to - from) / 3), (from + to) / 2, to - Math.min(4, (to - from) / 3)];
      for (const x of inset(seen.x1, seen.x2)) for (const y of inset(seen.y1, seen.y2)) {
        const hit = document.elementFromPoint(x, y);
        if (hit && !one.contains(hit) && !hit.contains(one)) { faults.push('is covered by ' + name(hit)); break; }
      }
      const ring = look.width ? look.offset + 2 : 2;
      for (let box = one.parentElement; box && box !== document.documentElement && box !== document.body; box = box.parentElement) {
        const s = getComputedStyle(box);
        if (s.overflowX === 'visible' && s.overflowY === 'visible' && s.clipPath === 'none') continue;
        const r = box.getBoundingClientRect();
        const cut = [r.left - (all.left - ring), all.right + ring - r.right, r.top - (all.top - ring), all.bottom + ring - r.bottom].filter(by => by > .5);
        if (cut.length > 1) faults.push('has its ring cut by ' + name(box));
      }
    }
  }

  // After what stands before it: below, or further along the line, or in a later column.
  const rtl = getComputedStyle(document.documentElement).direction === 'rtl', fixed = e => { for (; e; e = e.parentElement) if (/fixed|sticky/.test(getComputedStyle(e).position) || e.matches('.skip')) return true; return false; };
  const place = e => { const r = e.getBoundingClientRect(); return {start: rtl ? -r.right : r.left, end: rtl ? -r.left : r.right, top: r.top, bottom: r.bottom}; };
  if (before && before.one !== one && before.one.isConnected && !fixed(before.one) && !fixed(one) && forward) {
    const here = place(one), there = place(before.one), inside = before.one.contains(one);
    const below = here.top >= there.bottom - 6 || (here.top > there.top && here.start <= there.start);
    const along = here.start >= there.end - 6 || (here.start > there.start && here.top >= there.top);
    if (!below && !along && !inside) faults.push('comes after ' + name(before.one) + ', which stands below it');
  }
  window.lastStop = {one, look};
  (window.stops ??= new Set()).add(one);
  return {name: said, faults, there: !!selector && one.matches(selector)};
}"""
"""What the element with the focus is, and what is wrong with it."""
HOLDS = "selector => document.activeElement !== document.body && document.activeElement.matches(selector)"
UNREACHED = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
  .filter(one => !one.matches(':disabled, [type=hidden], [tabindex="-1"]') && !window.stops.has(one)
    && !one.closest('.dock') && one.checkVisibility({visibilityProperty: true}) && one.getClientRects().length
    && !(one.type === 'radio' && [...window.stops].some(stop => stop.type === 'radio' && stop.name === one.name && stop.form === one.form)))
  .map(one => one.outerHTML.slice(0, 120))"""


class Stop(NamedTuple):
    """Where the focus is (without a name: nowhere), and whether that is where it was to go."""

    name: str
    there: bool


class Keyboard:
    """The keys, and what the eyes see at each stop."""

    def __init__(self, walker: Walker) -> None:
        self.walker = walker
        self.page = walker.page

    def holds(self, selector: str) -> bool:
        """Whether the focus is on something."""
        found: bool = self.page.evaluate(HOLDS, selector)
        return found

    def reading(self, selector: str) -> bool:
        """Whether a part of the page is in sight, and the next stop lies in it or after it."""
        seen = self.page.locator(selector).first.evaluate(
            "one => { const r = one.getBoundingClientRect(); return r.top < innerHeight && r.bottom > 0 }"
        )
        self.step()
        return seen and self.page.locator(selector).first.evaluate(
            "one => one.contains(document.activeElement)"
            " || !!(one.compareDocumentPosition(document.activeElement) & Node.DOCUMENT_POSITION_FOLLOWING)"
        )

    def stop(self, selector: str = "", *, forward: bool = False) -> Stop:
        """Look at where the focus is, and whether it went forward if it should."""
        found: dict[str, Any] = self.page.evaluate(STOP, [forward, selector])
        assert not found["faults"], f"{self.page.url}: {found['name']!r} {'; '.join(found['faults'])}"
        return Stop(found["name"], found["there"])

    def step(self, key: str = "Tab", selector: str = "") -> Stop:
        """Press Tab once and look."""
        self.page.keyboard.press(key)
        return self.stop(selector, forward=key == "Tab")

    def tab_to(self, selector: str, at_most: int = MOST_STOPS, key: str = "Tab") -> None:
        """Press Tab until the focus is there."""
        if self.holds(selector):
            return
        passed = []
        for _ in range(at_most):
            stop = self.step(key, selector)
            if stop.there:
                return
            passed.append(stop.name)
        raise AssertionError(
            f"{self.page.url}: {key} does not lead to {selector}; passed {len(passed)} stops, {passed[-3:]}"
        )

    def back_to(self, selector: str) -> None:
        """Press Shift and Tab until the focus is there."""
        self.tab_to(selector, key="Shift+Tab")

    def round(self) -> None:
        """Go round the page with Tab: it ends where it began, and everything that can be pressed was a stop."""
        for stops in range(ROUND):
            stop = self.step(selector=".skip")
            if not stop.name or (stops and stop.there):
                break
        else:
            raise AssertionError(f"{self.page.url}: Tab does not come round")
        unreached = self.page.evaluate(UNREACHED)
        assert not unreached, f"{self.page.url}: no key leads to {unreached}"

    def follow(self, selector: str, key: str = "Enter", at_most: int = MOST_STOPS) -> None:
        """Go to something that leads to another page, press it, and wait for that page."""
        self.tab_to(selector, at_most)
        with self.turns():
            self.page.keyboard.press(key)

    @contextmanager
    def turns(self) -> Iterator[None]:
        """What is pressed within leads to another page, which begins as a page should."""
        with self.page.expect_navigation():
            yield
        assert self.page.locator("h1").count() == 1
        assert not self.walker.problems, self.walker.problems

    def skip(self) -> None:
        """Take the first stop of the page: past the head, to the content."""
        self.page.keyboard.press("Tab")
        assert self.holds(".skip"), "the first stop leads to the content"
        self.stop()
        self.page.keyboard.press("Enter")
        assert self.holds("#main")
        assert self.page.evaluate(
            "() => document.querySelector('#main').getBoundingClientRect().top < innerHeight"
        )

    def choose(self, selector: str, name: str) -> None:
        """Go to the radio buttons of a name and choose one of them with the arrows."""
        self.tab_to(f"input[name='{name}']")
        for _ in range(12):
            if self.holds(selector):
                break
            self.page.keyboard.press("ArrowDown")
            self.stop()
        assert self.holds(selector), f"{self.page.url}: the arrows do not lead to {selector}"
        if not self.page.is_checked(selector):
            self.page.keyboard.press("Space")
        assert self.page.is_checked(selector)

    def tick(self, selector: str) -> None:
        """Go to a box and tick it."""
        self.tab_to(selector)
        self.page.keyboard.press("Space")

    def write(self, selector: str, text: str, at_most: int = MOST_STOPS) -> None:
        """Go to a field and type in place of what is there."""
        self.tab_to(selector, at_most)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)

    def write_day(self, selector: str, day: str, at_most: int = MOST_STOPS) -> None:
        """Go to a date and type its parts, in whichever order this browser asks for them."""
        self.tab_to(selector, at_most)
        year, month, number = day.split("-")
        for keys in (f"{month}{number}{year}", f"{number}{month}{year}", f"{year}{month}{number}"):
            self.page.keyboard.type(keys)
            if self.page.input_value(selector) == day:
                return
            self.back_to(f"{selector}")
        raise AssertionError(f"{selector} takes no day from the keyboard")

    def expect_summary(self) -> None:
        """What is to be mended has the focus, and its first line leads to its field."""
        assert self.holds("[data-summary]"), "the focus goes to what is to be mended"
        self.stop()
        self.step()
        assert self.holds("[data-summary] a")
        field = self.page.evaluate("() => document.activeElement.getAttribute('href')")
        self.page.keyboard.press("Enter")
        assert self.holds(field), f"a line of the summary leads to {field}"
        self.stop()
