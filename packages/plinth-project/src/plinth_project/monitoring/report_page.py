"""A report as a page that a browser shows without anything else: no script, no other file, all texts escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from plinth_project.monitoring.report import ColumnComparison, DayQuality, Report

_WIDTH, _HEIGHT = 240, 60
_DRIFTED = ' class="drifted"'
_STYLE = """
:root { color-scheme: light dark; --trained: #8a8f98; --now: #c2410c; }
@media (prefers-color-scheme: dark) { :root { --now: #fb923c; } }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; }
th, td { padding: .3rem .6rem; text-align: left; border-bottom: 1px solid #8a8f9855; overflow-wrap: anywhere; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
tr.drifted th { font-weight: 700; }
.trained { fill: var(--trained); } .now { fill: var(--now); }
"""


def html(report: Report, title: str) -> str:
    """Returns the page. ``title`` names use case, environment and version."""
    columns = sorted(report.columns, key=lambda column: (not column.drifted, -(column.distance or 0.0)))
    findings = "".join(f"<li>{escape(finding.sentence)}</li>" for finding in report.findings) or "<li>Nothing.</li>"
    rows = "".join(map(_row, columns))
    limits = report.limits
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{escape(title)}, {escape(report.window)}</title><style>{_STYLE}</style></head>
<body>
<h1>{escape(title)}</h1>
<p>Window {escape(report.window)} (UTC): <strong>{escape(report.verdict)}</strong>. {report.rows} rows in
{report.requests} requests, {report.unreadable} captures that cannot be read.</p>
<h2>Findings</h2>
<ul>{findings}</ul>
{_days(report)}{_groups(report)}{_attributions(report)}<h2>Columns</h2>
<p>A column has drifted if its distance is {limits.distance:g} or more and chance explains it in fewer than
{limits.significance:g} of all windows. Below {limits.minimum_rows} rows, drift is not judged. Charts show the shares of
training in grey and those of the window in colour.</p>
<table>
<thead><tr><th>column</th><th>drifted</th><th>distance</th><th>stability index</th><th>missing</th>
<th>new or outside</th><th>training and window</th></tr></thead>
<tbody>{rows}</tbody>
</table>
</body></html>
"""


def _days(report: Report) -> str:
    """Returns the section about ground truth; empty if none has arrived."""
    if not report.days:
        return ""
    items = "".join(f"<li>{escape(day.sentence)}{_groups_of(day)}</li>" for day in report.days)
    return f"""<h2>Ground truth that has arrived</h2>
<ul>{items}</ul>
<p>A day is worse if the loss is {report.limits.quality:.0%} or more and chance explains it in fewer than
{report.limits.significance:g} of all days.</p>
"""


def _groups_of(day: DayQuality) -> str:
    """Returns accuracy and recall by group; empty if they were not compared."""
    lines = [f"{group.sentence}{': drifted' if group.drifted else ''}" for group in day.groups if group.now is not None]
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>" if lines else ""


def _groups(report: Report) -> str:
    """Returns the section about bias; empty for a version without facets."""
    if not report.groups:
        return ""
    rows = "".join(
        f'<tr{_DRIFTED if group.drifted else ""}><th scope="row">{escape(group.facet)}</th>'
        f'<td>{"yes" if group.drifted else "no"}</td><td class="number">{group.rows}</td>'
        f'<td class="number">{group.other_rows}</td><td class="number">{_signed(group.trained)}</td>'
        f'<td class="number">{_signed(group.now)}</td></tr>\n'
        for group in report.groups
    )
    return f"""<h2>Bias of predictions</h2>
<p>The share of positive predictions of the other rows, less that of the group. It has drifted if it changed by
{report.limits.bias:g} or more and chance does not explain the change.</p>
<table>
<thead><tr><th>group</th><th>drifted</th><th>rows</th><th>other rows</th><th>training</th><th>window</th></tr></thead>
<tbody>{rows}</tbody>
</table>
"""


def _attributions(report: Report) -> str:
    """Returns the section about explanations; empty if predictions were not explained."""
    found = report.attributions
    if found is None:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td class="number">{found.trained[name]:.3f}</td>'
        f'<td class="number">{_number(found.now.get(name))}</td></tr>\n'
        for name in sorted(found.now, key=lambda name: -found.now[name])
        if name in found.trained
    )
    return f"""<h2>Attributions</h2>
<p>Mean size of the SHAP values of each feature in {found.rows} predictions, in the order of the window. The order has a
gain of {found.gain:.3f}; it has drifted below {report.limits.attributions:g}.</p>
<table>
<thead><tr><th>feature</th><th>training</th><th>window</th></tr></thead>
<tbody>{rows}</tbody>
</table>
"""


def _row(column: ColumnComparison) -> str:
    numbers = (
        _number(column.distance),
        _number(column.psi),
        f"{column.missing_share:.1%}",
        f"{column.outside_share:.1%}",
    )
    cells = "".join(f'<td class="number">{text}</td>' for text in numbers)
    kind = _DRIFTED if column.drifted else ""
    return (
        f'<tr{kind}><th scope="row">{escape(column.name)}</th><td>{"yes" if column.drifted else "no"}</td>{cells}'
        f"<td>{_chart(column)}</td></tr>\n"
    )


def _signed(value: float | None) -> str:
    return "" if value is None else f"{value:+.3f}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _chart(column: ColumnComparison) -> str:
    """Returns pairs of bars, one for each bucket or value."""
    highest = max([*column.trained, *column.now, 0.0])
    if not highest:
        return ""
    step = _WIDTH / len(column.trained)
    bars = _bars("trained", column.trained, highest, step, 0) + _bars("now", column.now, highest, step, step / 2)
    label = f"Shares of {column.name} in training and in the window"
    return (
        f'<svg role="img" aria-label="{escape(label, quote=True)}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}">{bars}</svg>'
    )


def _bars(kind: str, shares: Sequence[float], highest: float, step: float, offset: float) -> str:
    heights = [share / highest * _HEIGHT for share in shares]
    return "".join(
        f'<rect class="{kind}" x="{place * step + offset:.1f}" y="{_HEIGHT - height:.1f}" width="{step / 2:.1f}" '
        f'height="{height:.1f}"/>'
        for place, height in enumerate(heights)
        if height
    )
