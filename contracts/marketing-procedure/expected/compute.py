"""The expected statement of the year in ../facts: plain Python, exact fractions, nothing of the engine.

Run it here; it reads ../facts/*.csv and writes statement.json, against which the engine's result is held.

How a compliance officer would check it (2026 holidays as announced; what lies in 2027 by weekends only):

  awareness: launched on 10 March, tracked from March to June (three months end on 10 June)
    industry x 1.15:  46%, 46%, 46%, 47.15%; was 41%, 44.5%, 46%, 45%: met in May, so the goal of June is met
    (15 points above would be 55%, 55%, 55%, 56%: never met)
  repurchase, year to date: 22.2%, 22%, 23.3%, ..., 1,620 / 6,000 = 27% in June (behind), ..., 3,600 / 12,000 = 30%
  audits by quarters: 03-20, none, 09-30, 12-18; with a half-year: 03-20 and 09-30
  findings: 30 days: 03-20 + 30 = Sunday 04-19, so 04-20; 09-30 + 30 = 10-30; 12-18 + 30 = Sunday, so 2027-01-18
  posts above 20: 25 answered in 1 h 40 min, 21 in exactly 2 h, 60 in 2 h 1 min (late), 33 never, 40 not yet due
  content: of eight, C-02, C-03 (2 of 3), C-04 (out of order), C-06 (a day late), C-07 (no first review) are blocked;
    C-03 was not published
  data: U-02 (no consent), U-03 (a day late), U-04 (not told): 15 days to delete: 04-27, 08-04, 10-27
  creatives below the average: A-01, A-03 (due 05-08, replaced 05-09), A-04 (never), A-05 (not yet due)
"""

import csv
import json
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).parent
FACTS = HERE.parent / "facts"
START, AS_OF = date(2026, 1, 1), date(2026, 12, 31)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MARKETING, COMPLIANCE = "市场部", "法务合规部"
THRESHOLD, GOAL = 20, Fraction(30, 100)


# ---- days


def days(text):
    return {date.fromisoformat(f"2026-{x}") for x in text.split()}


OFF = days(
    "01-01 01-02 01-03  02-15 02-16 02-17 02-18 02-19 02-20 02-21 02-22 02-23  04-04 04-05 04-06"
    " 05-01 05-02 05-03 05-04 05-05  06-19 06-20 06-21  09-25 09-26 09-27"
    " 10-01 10-02 10-03 10-04 10-05 10-06 10-07"
)
WORKED = days("01-04 02-14 02-28 05-09 09-20 10-10")


def works(d):
    return d in WORKED or (d.weekday() < 5 and d not in OFF)


def shifted(d):
    while not works(d):
        d += DAY
    return d


def after_working_days(d, n):
    while n:
        d += DAY
        n -= works(d)
    return d


def month_end(d):
    return (d.replace(day=28) + 4 * DAY).replace(day=1) - DAY


def months_later(d, n):
    return d.replace(month=d.month + n)  # within the year, on a day that every month has


# ---- facts


def rows(name):
    with open(FACTS / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def day(text):
    return date.fromisoformat(text) if text else None


def moment(text):
    return datetime.fromisoformat(text) if text else None


def percent(text):
    return Fraction(text.removesuffix("%")) / 100 if text else None


def number(text):
    return Fraction(text.replace(",", ""))


MONTHLY = {r["月份"]: r for r in rows("月度数据")}
QUARTERLY = {r["季度"]: r for r in rows("季度数据")}
LAUNCHED = day(rows("一次性数据")[0]["数值"])
AUDITS = sorted(day(r["完成日"]) for r in rows("内审"))

# ---- duties

duties, breaches, events = {}, {}, []


def breach(id, by, since, ended_on, grade):
    breaches[id] = {"by": by, "since": since, "ended_on": ended_on, "grade": grade}


def acts(id, by, due, done, grade="minor"):
    """A duty due on a day: performed, performed late (with its breach), not yet due, due, or breached."""
    if done is None:
        status = "not yet due" if due > AS_OF else "due" if due == AS_OF else "breached"
    else:
        status = "performed" if done <= due else "performed late"
    if status in ("breached", "performed late"):
        breach(id, by, due + DAY, done, grade)
    duties[id] = {"by": by, "due": due, "status": status, "performed_on": done}


def audits(months):
    """One audit at least in each period of so many months."""
    for i in range(12 // months):
        first = START.replace(month=i * months + 1)
        last = month_end(first.replace(month=(i + 1) * months))
        done = next((a for a in AUDITS if first <= a <= last), None)
        yield f"内部审计@2026-{'Q' if months == 3 else 'H'}{i + 1}", last, done


for id, last, done in audits(3):
    acts(id, COMPLIANCE, last, done)
for key, r in QUARTERLY.items():
    last = month_end(date(2026, 3 * int(key[-1]), 1))
    acts(f"评估规程@{key}", MARKETING, last, day(r["规程评估日"]))
for month, r in MONTHLY.items():
    due = after_working_days(month_end(day(f"{month}-01")), 5)
    acts(f"报送月报@{month}", MARKETING, due, day(r["月报报送日"]))
for r in rows("内审发现"):
    acts(f"整改@{r['发现号']}", MARKETING, shifted(day(r["提出日"]) + 30 * DAY), day(r["整改日"]))
for r in rows("素材监测"):
    if percent(r["点击率"]) < percent(r["平均点击率"]):
        due = after_working_days(day(r["监测日"]), 3)
        acts(f"替换素材@{r['素材号']}", MARKETING, due, day(r["替换日"]))

for r in rows("舆情监测"):
    if number(r["负面信息"]) > THRESHOLD:
        id, due, done = f"启动响应@{r['监测号']}", moment(r["监测时刻"]) + 2 * HOUR, moment(r["启动响应时刻"])
        until = done or datetime.combine(AS_OF + DAY, datetime.min.time())
        late = max((until - due) / timedelta(minutes=1), 0)
        if done is None:
            status = "breached" if late else "not yet due"
        else:
            status = "performed late" if late else "performed"
        if late:
            breach(id, MARKETING, (due + timedelta(minutes=1)).date(), done and done.date(), "serious")
        duties[id] = {
            "by": MARKETING,
            "due": due.date(),
            "status": status,
            "performed_on": done and done.date(),
            "due_at": due.isoformat(timespec="minutes"),
            "minutes_late": int(late),
        }

# ---- consents and reviews

for r in rows("信息收集"):
    on, told, agreed = day(r["收集日"]), day(r["告知用途日"]), day(r["用户同意日"])
    if not (told and told <= on and agreed and agreed <= on):
        breach(f"未经同意收集@{r['收集号']}", MARKETING, on, None, "serious")
        acts(f"删除信息@{r['收集号']}", MARKETING, shifted(on + 15 * DAY), day(r["删除日"]), "serious")

REVIEWS = {"内容策划人": "初审日", "编辑": "二审日", "合规/法务": "合规审核日"}
passed = {}
for r in rows("内容"):
    on, dates = day(r["拟发布日"]), {who: day(r[column]) for who, column in REVIEWS.items()}
    for d in sorted({on, *(c for c in dates.values() if c and c > on)}):
        without, before, broken = [], date.min, False
        for who, given in dates.items():  # each after the one before it, and all by the day of publication
            good = not broken and given is not None and before <= given <= on
            if not good:
                without.append(who)
                broken = True
            before = given if good else before
        events.append([d, f"内容审核@{r['稿件号']}", "blocked" if without else "granted", without])
        passed[r["稿件号"]] = not without
    if r["已发布"] == "是" and not passed[r["稿件号"]]:
        breach(f"未经审核发布@{r['稿件号']}", MARKETING, on, None, "serious")

# ---- targets, month by month


def awareness(points=False):
    """Each month's target, whether it was reached, and the goal of the month in which three months end."""
    last_month = months_later(LAUNCHED, 3)
    found, reached = {}, False
    for month, r in MONTHLY.items():
        industry = percent(r["行业平均知名度"])
        target = industry + Fraction(15, 100) if points else industry * Fraction(115, 100)
        tracked = f"{LAUNCHED:%Y-%m}" <= month <= f"{last_month:%Y-%m}"
        good = tracked and percent(r["品牌知名度"]) >= target
        reached = reached or good
        goal = ("met" if reached else "missed") if month == f"{last_month:%Y-%m}" else "not assessed"
        status = ("met" if good else "missed") if tracked else "not assessed"
        found[month] = {"target": str(target), "status": status, "goal": goal}
    return found


months, bought, again = {}, Fraction(0), Fraction(0)
for month, r in MONTHLY.items():
    bought += number(r["首次购买客户"])
    again += number(r["首次复购客户"])
    held = [c for c in rows("内容") if c["拟发布日"][:7] == month]
    granted = sum(passed[c["稿件号"]] for c in held)
    good = again / bought >= GOAL
    months[month] = {
        "awareness": awareness()[month],
        "repurchase": {
            "measure": str(again / bought),
            "status": "met" if good else "missed",
            "level": None if good else "落后",
            "to_date": month != "2026-12",
        },
        "content": [granted, len(held) - granted],
    }

statement = {
    "as_of": AS_OF,
    "months": months,
    "points": awareness(points=True),
    "duties": duties,
    "half_yearly": {id: {"due": last, "performed_on": done} for id, last, done in audits(6)},
    "breaches": dict(sorted(breaches.items(), key=lambda kv: (kv[1]["since"], kv[0]))),
    "reviews": sorted(events, key=lambda e: (e[0], e[1])),
}

if __name__ == "__main__":
    text = json.dumps(statement, ensure_ascii=False, indent=1, default=lambda x: x.isoformat())
    (HERE / "statement.json").write_text(text + "\n", encoding="utf-8")
    for month, m in months.items():
        print(month, m["awareness"], m["repurchase"], m["content"])
    for id, row in duties.items():
        print(id, row["due"], row["status"])
