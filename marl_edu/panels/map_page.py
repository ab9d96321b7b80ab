"""The HTML of the course map: a list of lessons, laid out as cards on a grid, with arrows drawn behind them.

Who can't see the picture hears the list: every card says its state and what it builds on in words.
"""

from __future__ import annotations

import html

from marl_edu.panels.standing import SIGNS

HEIGHT, HEIGHT_PLANNED, GAP = 128, 78, 28
"""In pixels: of a row of cards, of a row in which no lesson is written yet, and between rows."""

COLUMNS = 5
CARD_SHARE = 0.94
"""Share of a column's width that its card takes."""

STYLE = f"""
.marl-map {{color: var(--jp-ui-font-color1, #222)}}
.marl-map .widget-html-content {{line-height: 1.35; color: inherit; white-space: normal}}
.marl-map .marl-course {{position: relative; margin: 4px 0 8px; padding: 0; list-style: none}}
.marl-map .marl-arrows {{position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible}}
.marl-map .marl-arrows path {{fill: none; stroke: var(--jp-ui-font-color2, #666); stroke-width: 1.3;
  vector-effect: non-scaling-stroke}}
.marl-map .marl-arrows marker path {{fill: var(--jp-ui-font-color2, #666); stroke: none}}
.marl-map .marl-card {{position: absolute; box-sizing: border-box; width: {CARD_SHARE * 100 / COLUMNS:.2f}%;
  padding: 5px 6px 4px 8px; border: 1px solid var(--jp-border-color1, #999);
  border-left-width: 5px; border-radius: 4px; background: var(--jp-layout-color1, #fff); font-size: 12.5px;
  line-height: 1.25; display: flex; flex-direction: column; overflow: hidden; margin: 0}}
.marl-map .marl-card .marl-top {{font-size: 12px; white-space: nowrap}}
.marl-map .marl-card .marl-title {{font-weight: 600; margin: 2px 0; color: var(--jp-ui-font-color1, #222)}}
.marl-map .marl-card a.marl-title {{color: var(--jp-content-link-color, #1565c0); text-decoration: underline}}
.marl-map .marl-card a:focus-visible, .marl-map button:focus-visible {{outline-offset: 1px;
  outline: 2px solid var(--jp-brand-color1, #1976d2)}}
.marl-map .marl-counts {{margin-top: auto; font-size: 11px; display: grid; grid-template-columns: auto auto;
  justify-content: space-between; column-gap: 4px; white-space: nowrap}}
.marl-map .marl-begun {{border-left-color: var(--jp-warn-color0, #b45309)}}
.marl-map .marl-done {{border-left-color: var(--jp-success-color1, #2e7d32)}}
.marl-map .marl-planned {{border-style: dashed; background: var(--jp-layout-color2, #f3f3f3)}}
.marl-map .marl-planned .marl-title {{font-weight: 400}}
.marl-map .marl-only-heard {{position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap}}
.marl-map .marl-notice {{color: var(--jp-ui-font-color1, #222)}}
"""


def picture(standings, folder: str) -> str:
    """The map as HTML: a list whose items stand where their ``place`` says, and the arrows between them."""
    grid = Grid(standings)
    cards = "".join(_card(each, grid, folder) for each in standings)
    return (
        f"<style>{STYLE}</style>"
        f'<div style="position: relative; height: {grid.height}px">{_arrows(standings, grid)}'
        f'<ol class="marl-course" aria-label="lessons of the course" style="height: {grid.height}px">{cards}</ol></div>'
    )


def summary(standings, progress) -> str:
    """How many lessons there are and are done, and where that is kept."""
    counts = {state: sum(each.state == state for each in standings) for state in SIGNS}
    written = len(standings) - counts["planned"]
    words = f"{written} of {len(standings)} lessons are written; you have done {counts['done']}"
    words += f" and begun {counts['begun']}." if counts["begun"] else "."
    words += f" Your progress is kept {progress.where}; it is never sent anywhere."
    troubles = " ".join(filter(None, [progress.trouble, *(each.trouble for each in standings)]))
    warning = f"<br><b>\N{WARNING SIGN} {html.escape(troubles)}</b>" if troubles else ""
    return html.escape(words) + warning


class Grid:
    """Where the rows of cards are, in pixels from the top, and how high each is."""

    def __init__(self, standings):
        rows = range(1 + max(each.lesson.place[0] for each in standings))
        written = {each.lesson.place[0] for each in standings if each.state != "planned"}
        self.heights = [HEIGHT if row in written else HEIGHT_PLANNED for row in rows]
        self.tops = [sum(self.heights[:row]) + row * GAP for row in rows]
        self.height = self.tops[-1] + self.heights[-1]

    def top(self, place) -> int:
        """The upper edge of a card."""
        return self.tops[place[0]]

    def bottom(self, place) -> int:
        """The lower edge of a card."""
        return self.tops[place[0]] + self.heights[place[0]]

    def left(self, place) -> float:
        """The left edge of a card, in per cent."""
        return place[1] * 100 / COLUMNS


def _card(one, grid: Grid, folder: str) -> str:
    lesson, state = one.lesson, one.state
    top, height = grid.top(lesson.place), grid.heights[lesson.place[0]]
    words = f'title="{html.escape(lesson.about)}">{html.escape(lesson.title)}'
    if lesson.file:
        title = f'<a class="marl-title" href="{html.escape(folder + lesson.file)}" target="_blank" {words}</a>'
    else:
        title = f'<span class="marl-title" {words}</span>'
    needed = ", ".join(lesson.builds_on)
    builds = f'<span class="marl-only-heard">, builds on {needed}</span>' if needed else ""
    counts = "".join(f"<span>{kind} {done}/{of}</span>" for kind, (done, of) in one.counts.items() if of)
    counts += f"<span>{one.minutes} minutes</span>" if one.minutes else ""
    return (
        f'<li class="marl-card marl-{state.replace(" ", "-")}" '
        f'style="top: {top}px; height: {height}px; left: {grid.left(lesson.place):g}%">'
        f'<span class="marl-top"><b>{lesson.number}</b> {SIGNS[state]} {state}{builds}</span>'
        f'{title}<span class="marl-counts">{counts}</span></li>'
    )


def _arrows(standings, grid: Grid) -> str:
    """From each lesson to those that build on it: along a row, or from bottom to top."""
    places = {each.lesson.number: each.lesson.place for each in standings}
    width = CARD_SHARE * 1000 / COLUMNS  # the drawing is 1000 wide, whatever the page is
    paths = []
    for each in standings:
        end = each.lesson.place
        for start in (places[number] for number in each.lesson.builds_on if number in places):
            if start[0] == end[0]:
                y = (grid.top(end) + grid.bottom(end)) / 2
                paths.append(f"M {10 * grid.left(start) + width:g} {y:g} L {10 * grid.left(end) - 2:g} {y:g}")
            else:
                x0, y0 = 10 * grid.left(start) + width / 2, grid.bottom(start)
                x1, y1 = 10 * grid.left(end) + width / 2, grid.top(end) - 2
                paths.append(f"M {x0:g} {y0} C {x0:g} {y0 + GAP / 2:g} {x1:g} {y1 - GAP * 0.8:g} {x1:g} {y1}")
    head = (
        '<marker id="marl-head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M 0 0 L 8 4 L 0 8 z"/></marker>'
    )
    lines = "".join(f'<path d="{path}" marker-end="url(#marl-head)"/>' for path in paths)
    return (
        f'<svg class="marl-arrows" aria-hidden="true" viewBox="0 0 1000 {grid.height}" preserveAspectRatio="none">'
        f"<defs>{head}</defs>{lines}</svg>"
    )
