"""The expected statement of the year in ../facts: plain Python, exact fractions, nothing of the engine.

Run it here; it reads ../facts/*.csv and writes statement.json, against which the engine's result is held.

How an accountant would check it (2026 holidays as announced; what lies in 2027 by weekends only):

  shares of a month fall due on the 15th of the next, grace of 5 days (no interest within it, none for it)
  month        01     02     03     04     05     06     07     08     09     10     11     12
  shared   83,333.33 60,000 220,000 25,000.01 180,000 230,000 40,000.05 0 95,000 200,000 240,000 70,000
  own          0  120,000     0  150,000    0      0      0      0      0      0      0      0
  cap       200k   200k   200k   200k   200k   250k   200k   200k   200k   200k   200k   200k   over: 03, 11
  due       02-24  03-16  04-15  05-15  06-15  07-15  08-17  09-15  10-15  11-16  12-15  01-15
  grace to  03-02  03-23  04-20  05-20  06-22  07-20  08-24  09-21  10-20  11-23  12-21  01-20
  brand    20,000 24,000 48,000 10,000 72,000 92,000 16,000.02 0      0  32,000 96,000      0
  sales    20,000      0 60,000      0      0      0      0      0 57,000 72,000      0 42,000

  bonus = 30,000 x score / 100 for each of the two: 26,400, 27,750, 17,700, and the fourth is not known
  due on the 10th working day of the next quarter: 04-15, 07-14, 10-20
  rank against plan: 8/8 met, 6/7 met, 7/6 missed (behind), 6/6 met
  meetings on Wednesdays: 52, of which 4-22, 8-12 (held on Thursday), 8-26 (held on Tuesday), 10-7 (a holiday,
  so 10-8; held on the 9th) and 12-30 were missed

Rules of money: what is named first; then due debts, those that bear interest first, then the earlier due,
then in proportion to what is open (odd cents by largest remainder). Within a debt interest before principal.
What is left is credit, used when a debt is due, after that day's payments. Interest of a day is rate x
principal open when the day begins, from the day after grace, to 5% of the amount; booked by rounding the
running total (half up) and taking what is new.
"""

import csv
import json
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).parent
FACTS = HERE.parent / "facts"
START, AS_OF = date(2026, 1, 1), date(2026, 12, 31)
DAY = timedelta(days=1)
SALES, BRAND, COMPANY = "营销部", "品牌部", "公司"
PAIRS = ((BRAND, SALES), (SALES, BRAND), (COMPANY, SALES), (COMPANY, BRAND))

# What the agreement says (all of it filled in by the contract file; the paper has no figures).
SHARE = {SALES: Fraction(60, 100), BRAND: Fraction(40, 100)}
BUDGET, LARGE, BONUS = Fraction(200_000), Fraction(100_000), Fraction(30_000)
RATE, CAP = Fraction(2, 10_000), Fraction(5, 100)
PLAN = {"2026-Q1": 8, "2026-Q2": 7, "2026-Q3": 6, "2026-Q4": 6}


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


def quarter(d):
    return f"{d.year}-Q{(d.month + 2) // 3}"


# ---- facts


def rows(name):
    with open(FACTS / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def day(text):
    return date.fromisoformat(text) if text else None


COSTS, REQUESTS, EVENTS, REVIEWS = rows("费用"), rows("追加申请"), rows("大型活动"), rows("评估")
MEETINGS, PAYMENTS = rows("会议"), rows("内部结算")
MONTHLY = {r["月份"]: r for r in rows("月度数据")}
QUARTERLY = {r["季度"]: r for r in rows("季度数据")}
ONCE = {r["数据"]: day(r["数值"]) for r in rows("一次性数据")}


# ---- money


def cents(x):
    """Half up, away from zero."""
    sign = -1 if x < 0 else 1
    return sign * Fraction((abs(x) * 200 + 1) // 2, 100)


def money(x):
    x = cents(x)
    whole, rest = divmod(abs(int(x * 100)), 100)
    return f"{'-' if x < 0 else ''}{whole}.{rest:02}"


def divided(total, parts):
    """`total` in whole cents by `parts`, which add up to one: odd cents go to the largest remainders."""
    exact = [total * p * 100 for p in parts]
    whole = [x // 1 for x in exact]
    odd = int(total * 100 - sum(whole))
    for i in sorted(range(len(parts)), key=lambda i: whole[i] - exact[i])[:odd]:
        whole[i] += 1
    return [Fraction(w, 100) for w in whole]


def shares(total):
    return dict(zip(SHARE, divided(total, SHARE.values()), strict=True))


class Debt:
    def __init__(self, id, debtor, creditor, amount, due, grace=None, bears=False):
        self.id, self.debtor, self.creditor, self.amount = id, debtor, creditor, amount
        self.due, self.grace, self.bears = due, grace, bears
        self.paid = self.exact = self.booked = self.interest_paid = Fraction(0)
        self.settled_on = self.default_since = None

    @property
    def open(self):
        return self.amount - self.paid

    @property
    def interest_open(self):
        return self.booked - self.interest_paid

    @property
    def live(self):
        return self.amount > 0 and self.settled_on is None

    def status(self, d):
        if not self.amount:
            return "discharged"
        if self.settled_on:
            return "performed late" if self.settled_on > (self.grace or self.due) else "performed"
        if d < self.due:
            return "not yet due"
        if self.default_since:
            return "breached"
        if self.paid:
            return "partly performed"
        return "due" if d == self.due else "in grace"


class Books:
    """What one owes another: the month's movements, and the payer's credit."""

    def __init__(self):
        self.opening = self.credit = Fraction(0)
        self.used = False
        self.clear()

    def clear(self):
        self.accrued = self.interest = self.paid = Fraction(0)

    @property
    def closing(self):
        return self.opening + self.accrued + self.interest - self.paid


debts = []
books = {pair: Books() for pair in PAIRS}
changed = set()
breaches, duties, events, months = {}, {}, [], {}


def add(debt):
    debts.append(debt)
    books[debt.debtor, debt.creditor].used |= debt.amount > 0
    books[debt.debtor, debt.creditor].accrued += debt.amount
    changed.add(debt.id)


def owed_by(pair):
    return [x for x in debts if (x.debtor, x.creditor) == pair and x.live]


def book_interest(pair):
    for x in owed_by(pair):
        new = cents(x.exact) - x.booked
        if new:
            x.booked += new
            books[pair].interest += new
            changed.add(x.id)


def put(x, amount, d):
    """Up to `amount` to one debt, interest first. Gives what is left."""
    changed.add(x.id)
    used = min(amount, x.interest_open)
    x.interest_paid += used
    amount -= used
    used = min(amount, x.open)
    x.paid += used
    if x.open == 0 and x.interest_open == 0:
        x.settled_on = d
    return amount - used


def spread(pool, pair, d):
    """An unnamed sum over what is due. Gives what is left."""
    due = [x for x in owed_by(pair) if x.due <= d]
    for order in sorted({(not x.bears, x.due) for x in due}):
        group = [x for x in due if (not x.bears, x.due) == order]
        claims = [x.open + x.interest_open for x in group]
        total = sum(claims)
        if not pool:
            break
        parts = claims if pool >= total else divided(pool, [c / total for c in claims])
        for x, part in zip(group, parts, strict=True):
            put(x, part, d)
        pool -= sum(parts)
    return pool


def pay(pair, payments, d):
    books[pair].used = True
    book_interest(pair)
    pool = Fraction(0)
    for p in sorted(payments, key=lambda p: (not p["用途"], p["编号"])):
        amount = Fraction(p["金额"])
        books[pair].paid += amount
        for x in owed_by(pair):
            if p["用途"] == x.id:
                amount = put(x, amount, d)
        if p["用途"] and amount == Fraction(p["金额"]):
            events.append([d, "alert", p["编号"]])  # it named a debt that was paid
        pool += amount
    books[pair].credit += spread(pool, pair, d)


def use_credit(pair, d):
    if books[pair].credit and any(x.due <= d for x in owed_by(pair)):
        book_interest(pair)
        books[pair].credit = spread(books[pair].credit, pair, d)


# ---- consents


def both(r, by=None):
    """Both consents are there by a day."""
    given = [day(r["营销部同意日"]), day(r["品牌部同意日"])]
    return all(g and (by is None or g <= by) for g in given)


def granted(cost):
    """Above 100,000 both departments must have consented before the money was spent, or that day."""
    return Fraction(cost["金额"]) <= LARGE or both(cost, day(cost["发生日"]))


def breach(id, by, since, ended_on=None, grade="minor"):
    breaches[id] = {"by": by, "since": since, "ended_on": ended_on, "grade": grade}


def acts(id, by, due, done_on):
    """A duty due on a day: performed, performed late (with its breach), not yet due, due, or breached."""
    if due > AS_OF and done_on is None:
        status = "not yet due"
    elif done_on is None:
        status = "due" if due == AS_OF else "breached"
    else:
        status = "performed" if done_on <= due else "performed late"
    if status in ("breached", "performed late"):
        breach(id, by, due + DAY, done_on)
    duties[id] = {"by": by, "due": due, "status": status}


# ---- duties that are not money

used = set()


def first_meeting(kind, low, high):
    for m in sorted(MEETINGS, key=lambda m: (m["召开日"], m["会议号"])):
        if m["会议号"] not in used and m["类别"] == kind and low <= day(m["召开日"]) <= high:
            used.add(m["会议号"])
            return day(m["召开日"])
    return None


wednesday = date(2026, 1, 7)
while wednesday - 6 * DAY <= AS_OF:
    due = shifted(wednesday)
    acts(f"召开联合会议@{wednesday}", SALES, due, first_meeting("联合会议", wednesday, due))
    wednesday += 7 * DAY
for month in MONTHLY:
    first = date.fromisoformat(month + "-01")
    held = first_meeting("高层联合会议", first, month_end(first))
    acts(f"召开高层联合会议@{month}", SALES, month_end(first), held)
for by in (SALES, BRAND):
    acts(f"{by}指派联系人@once", by, after_working_days(START, 10), ONCE[f"{by}联系人指派日"])
for e in EVENTS:
    acts(f"共同制定方案@{e['活动号']}", BRAND, day(e["开始日"]), day(e["方案定稿日"]))
yearly = sorted(day(r["完成日"]) for r in REVIEWS if r["类别"] == "年度评估")
acts("年度评估@2026", BRAND, AS_OF, yearly[0] if yearly else None)
special = sorted(day(r["完成日"]) for r in REVIEWS if r["类别"] == "专项评估")
before = False
for month, r in MONTHLY.items():
    now = r["市场环境重大变化"] == "是"
    if now and not before:
        arises = month_end(date.fromisoformat(month + "-01"))
        done = next((d for d in special if d >= arises), None)
        special = [d for d in special if d != done]
        acts(f"专项评估@{arises}", BRAND, shifted(arises + 30 * DAY), done)
    before = now

# ---- approvals and the ladder of requests

for r in [*COSTS, *REQUESTS]:
    cost = "费用号" in r
    if cost and Fraction(r["金额"]) <= LARGE:
        continue
    name, key, on = (
        ("联合审批", r["费用号"], day(r["发生日"])) if cost else ("追加预算审批", r["申请号"], day(r["申请日"]))
    )
    consents = {SALES: day(r["营销部同意日"]), BRAND: day(r["品牌部同意日"])}
    for d in sorted({on, *(c for c in consents.values() if c and c > on)}):
        last = min(d, on) if cost else d  # a consent after the money was spent does not count
        without = [who for who, c in consents.items() if not (c and c <= last)]
        events.append([d, "approval", f"{name}@{key}", "blocked" if without else "granted", without])
for r in REQUESTS:
    key, opened = r["申请号"], day(r["申请日"])
    settled = max(day(r["营销部同意日"]), day(r["品牌部同意日"])) if both(r) else None
    for level, length in (("两部门负责人", 2), ("高层联合会议", 3)):
        last = shifted(after_working_days(opened, length))
        events.append([opened, "level", f"快速决策@{key}", "opened", level, last])
        if settled and settled <= last:
            events.append([settled, "level", f"快速决策@{key}", "stopped", level])
            break
        if last > AS_OF:
            break
        events.append([last, "level", f"快速决策@{key}", "expired", level])
        opened = last
    else:
        events.append([last, "level", f"快速决策@{key}", "exhausted", level])
        acts(f"公司裁定@{key}", COMPANY, shifted(after_working_days(last, 2)), day(r["裁定日"]))
for c in COSTS:
    if not granted(c):
        name = "未经联合审批开支" if c["垫付方"] == SALES else "品牌部未经联合审批开支"
        breach(f"{name}@{c['费用号']}", c["垫付方"], day(c["发生日"]))

# ---- the year, day by day


def close_month(d):
    """The values of the month that ends today, and the debts that arise from them."""
    month = d.isoformat()[:7]
    costs = [c for c in COSTS if c["发生日"][:7] == month]
    shared = sum((Fraction(c["金额"]) for c in costs if granted(c)), Fraction(0))
    own = sum((Fraction(c["金额"]) for c in costs if not granted(c)), Fraction(0))
    extra = [Fraction(r["追加额"]) for r in REQUESTS if r["申请日"][:7] == month and r["事由"] != "日常" and both(r, d)]
    cap = BUDGET + sum(extra)
    if shared > cap:
        breach(f"超预算@{month}", SALES, d)
    due = shifted(d + 15 * DAY)
    grace = shifted(due + 5 * DAY)
    for payer, other in ((SALES, BRAND), (BRAND, SALES)):
        laid_out = sum((Fraction(c["金额"]) for c in costs if granted(c) and c["垫付方"] == payer), Fraction(0))
        add(Debt(f"{other}归还分摊@{month}", other, payer, shares(laid_out)[other], due, grace, bears=True))
    values = {
        "共担费用": money(shared),
        "自担费用": money(own),
        "当月追加额": money(sum(extra)),
        "当月预算上限": money(cap),
    }
    parts = {who: money(part) for who, part in shares(shared).items()}
    kpi = None
    if d.month % 3 == 0:
        key = quarter(d)
        score, rank = QUARTERLY[key]["考核得分"], int(QUARTERLY[key]["品牌知名度排名"])
        for who in (SALES, BRAND):
            if score:
                amount = cents(BONUS * min(max(Fraction(score), 0), 100) / 100)
                add(Debt(f"支付{who}奖金@{key}", COMPANY, who, amount, after_working_days(d, 10)))
        good = rank <= PLAN[key]
        kpi = {"measure": str(rank), "target": str(PLAN[key]), "status": "met" if good else "missed"}
        kpi["level"] = None if good else "落后"
    return values, parts, kpi


d = START
while d <= AS_OF:
    # 1. what holds from this morning
    for x in debts:
        if x.live and x.default_since is None and (x.grace or x.due) < d:
            x.default_since = (x.grace or x.due) + DAY
            changed.add(x.id)
    # 2. interest of the day: from the day after grace
    for x in debts:
        if x.live and x.bears and d > x.grace:
            x.exact = min(x.exact + x.open * RATE, x.amount * CAP)
    # 3. payments, then credit
    for pair in PAIRS:
        today = [p for p in PAYMENTS if day(p["到账日"]) == d and (p["付款人"], p["收款人"]) == pair]
        if today:
            pay(pair, today, d)
        use_credit(pair, d)
    # 4. end of day
    if d == month_end(d):
        values, parts, kpi = close_month(d)
        ledger = {}
        for pair, b in books.items():
            book_interest(pair)
            if not b.used:
                continue
            sums = {"not_due": Fraction(0), "due": Fraction(0), "overdue": Fraction(0)}
            for x in owed_by(pair):
                where = "overdue" if x.default_since else "due" if x.due <= d else "not_due"
                sums[where] += x.open + x.interest_open
            assert b.closing == sum(sums.values()) - b.credit, (d, pair)
            row = {"opening": b.opening, "accrued": b.accrued, "interest": b.interest, "paid": b.paid}
            row |= {"closing": b.closing, "credit": b.credit, **sums}
            ledger[" -> ".join(pair)] = {name: money(value) for name, value in row.items()}
            b.opening = b.closing
            b.clear()
        lines = {}
        for x in debts:
            if x.live or x.id in changed:
                lines[x.id] = {
                    "amount": money(x.amount),
                    "due": x.due,
                    "status": x.status(d),
                    "paid": money(x.paid),
                    "open": money(x.open),
                    "interest": {
                        "booked": money(x.booked),
                        "paid": money(x.interest_paid),
                        "open": money(x.interest_open),
                    },
                    "overdue_since": x.default_since if x.live else None,
                    "performed_on": x.settled_on,
                }
            if x.default_since:
                breach(x.id, x.debtor, x.default_since, x.settled_on, None if x.bears else "minor")
        months[d.isoformat()[:7]] = {
            "values": values,
            "shares": parts,
            "kpi": kpi,
            "ledger": ledger,
            "lines": lines,
        }
        changed.clear()
    d += DAY

statement = {
    "as_of": AS_OF,
    "months": months,
    "duties": duties,
    "breaches": dict(sorted(breaches.items(), key=lambda kv: (kv[1]["since"], kv[0]))),
    "events": sorted(events, key=lambda e: (e[0], e[1], e[2])),
    "undetermined": [
        f"支付{who}奖金@{key}" for key, r in QUARTERLY.items() for who in (SALES, BRAND) if not r["考核得分"]
    ],
    "flags": {x.id: money(x.open) for x in debts if x.live and x.default_since and not x.bears},
}

if __name__ == "__main__":
    text = json.dumps(statement, ensure_ascii=False, indent=1, default=lambda x: x.isoformat())
    (HERE / "statement.json").write_text(text + "\n", encoding="utf-8")
    for month, m in months.items():
        print(month, m["values"], m["kpi"], {pair: row["closing"] for pair, row in m["ledger"].items()})
