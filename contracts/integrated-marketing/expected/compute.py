"""The expected statement of the year in ../facts: plain Python, exact fractions, nothing of the engine.

Run it here; it reads ../facts/*.csv and writes statement.json, against which the engine's result is held.

How an accountant would check it (2026 holidays as announced; a deadline on a day off moves to the next working day):

  conditions      first payment 01-08, materials 01-12: the term starts on 01-12 and would end on 2027-01-11;
                  ten days of force majeure (07-06 to 07-15) move the end to 2027-01-21
  fee of 01       20,000 x 20/31 = 12,903.23 (12 to 31 January); of 11: 20,000 x 18/30 = 12,000
  commission      5% to 1,000,000 a month, 8% of what is above
    01  30,000   02  50,000 + 16,000   03  45,000   04  50,000   05  50,000 + 4,000   06  40,000
    07  25,000   08  35,000            09  32,000   10  36,000   11  15,000
  due and paid (10th of the next month, 5 days of grace; 0.05% a day from the day after the deadline)
    01  02-10   42,903.23: 20,000 of the first payment, 22,903.23 on the day
    02  03-10   86,000 on 03-22: 12 days, 516.00 first; 516.00 of the fee stay open, 12 days more: 3.10, on 04-03
    03  04-10   40,000 on the day, 25,000 on 04-15, the last day of grace: no interest
    04  05-11   nothing; in default from 05-19, serious from 06-18, notice 06-22; 56 days x 35 = 1,960, paid 07-06: cured
    05  06-10   74,000, named      06  07-10   60,000      07  08-10   45,000 on 08-12, within grace
    08  09-10   60,000, 5,000 too much      09  10-10   47,000, and the 5,000
    10  11-10   56,000 on 11-30: 20 days x 28 = 560      11  12-10   27,000
  tax             every part includes 6%: net = part / 1.06, rounded; the tax is the rest
  core KPI        missed 04; met 05; missed 06; 07 not assessed; missed 08, 09: three in a row on 09-30; 10 missed too
  end             notice received 11-03: 15 days, 11-18
  the provider    02's report 2 days late: 400, due 04-10; milestone two 4 days: 2,000, due 05-11;
                  08's report 15 days: 3,000, capped at 2,000, due 10-10, 500 of it paid on 10-20;
                  infringement 3,000 by 11-04; secrets after the end: 50,000, due 12-20, a Sunday, so 12-21;
                  1.3 x 30,000 = 39,000: flag 11,000

Within a debt interest goes before principal. An unnamed sum goes to what is due, what bears interest first, then the
earlier due. What is left is credit, used when a debt is due, after that day's payments. Interest is booked by rounding the
running total (half up) and taking what is new; it stops at a tenth of the debt.
"""

import csv
import json
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).parent
FACTS = HERE.parent / "facts"
AS_OF = date(2026, 12, 31)
DAY = timedelta(days=1)
CLIENT, PROVIDER = "甲方", "乙方"

# What the agreement says (blanks filled as in the contract file).
FEE, RATE, VAT = Fraction(20_000), Fraction(5, 10_000), Fraction(6, 100)
MILESTONES = {"里程碑一": date(2026, 2, 10), "里程碑二": date(2026, 4, 20), "里程碑三": date(2026, 12, 18)}
LEAK = Fraction(50_000)


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


def working_days_after(d, n):
    while n:
        d += DAY
        n -= works(d)
    return d


def working_days_between(a, b):
    return sum(works(a + i * DAY) for i in range(1, (b - a).days + 1))


def month_end(d):
    return (d.replace(day=28) + 4 * DAY).replace(day=1) - DAY


def tenth_of_next_month(d):
    return shifted(month_end(d) + 10 * DAY)


# ---- facts


def rows(name):
    with open(FACTS / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def number(text):
    text = text.replace(",", "")
    if not text:
        return None
    return Fraction(text[:-1]) * 10_000 if text.endswith("万") else Fraction(text)


def day(text):
    return date.fromisoformat(text) if text else None


MONTHLY = {r["月份"]: r for r in rows("月度数据")}
QUARTERLY = {r["季度"]: day(r["季报提交日"]) for r in rows("季度数据")}
ONCE = {r["数据"]: day(r["数值"]) for r in rows("一次性数据")}
WEEKLY = sorted(day(r["提交日"]) for r in rows("周报"))
REVIEWS, LAUNCHES, REJECTED, ACCEPTED = rows("送审"), rows("投放"), rows("退回"), rows("成果验收")
INFRINGEMENTS, LEAKS, DISPUTES, PAYMENTS = rows("侵权事件"), rows("泄密事件"), rows("争议"), rows("收付款")

START = max(ONCE["首付款到账日"], ONCE["关键资料齐备日"], date(2026, 1, 1))
PAUSED, RESUMED = ONCE["不可抗力发生日"], ONCE["不可抗力消除日"]
SUSPENDED = (RESUMED - PAUSED).days


# ---- money


def cents(x):
    """Half up, away from zero."""
    sign = -1 if x < 0 else 1
    return sign * Fraction((abs(x) * 200 + 1) // 2, 100)


def money(x):
    x = cents(x)
    whole, rest = divmod(abs(int(x * 100)), 100)
    return f"{'-' if x < 0 else ''}{whole}.{rest:02}"


def ratio(x):
    return str(x)


def ladder(z):
    """The levels of a dispute, each with its seven working days, and the day on which it was settled or exhausted."""
    at, settled, steps = day(z["提出日"]), day(z["和解日"]), []
    for level in ("一级", "二级", "三级"):
        last, answered = working_days_after(at, 7), day(z[f"{level}答复日"])
        closed = answered if answered and answered <= last else last
        if settled and settled <= closed:
            steps.append({"opened": at, "last_day": last, "closed": settled})
            return {"steps": steps, "status": "stopped", "on": settled}
        steps.append({"opened": at, "last_day": last, "closed": closed})
        at = closed
    return {"steps": steps, "status": "exhausted", "on": at}


LADDERS = {z["争议号"]: ladder(z) for z in DISPUTES}


class Debt:
    def __init__(self, id, debtor, parts, arises, due, grace=None, bears=False, penalty=False, taxed=False):
        self.id, self.debtor, self.parts, self.arises, self.due = id, debtor, parts, arises, due
        self.amount = sum(parts.values())
        self.tax = sum(p - cents(p / (1 + VAT)) for p in parts.values()) if taxed else Fraction(0)
        self.grace, self.bears, self.penalty = grace, bears, penalty
        self.paid = self.exact = self.booked = self.interest_paid = Fraction(0)
        self.settled_on = self.default_since = self.serious_on = None
        self.cured = False

    @property
    def open(self):
        return self.amount - self.paid

    @property
    def interest_open(self):
        return self.booked - self.interest_paid

    @property
    def live(self):
        return self.settled_on is None

    def status(self, d):
        if self.settled_on:
            late = self.settled_on > (self.grace or self.due)
            return "cured" if self.cured else "performed late" if late else "performed"
        if d < self.due:
            return "not yet due"
        if self.default_since:
            return "breached"
        if self.paid:
            return "partly performed"
        return "due" if d == self.due else "in grace"


MOVES = ("accrued", "tax", "interest", "penalties", "paid")


class Books:
    """What one party owes the other: the month's movements, and the payer's credit."""

    def __init__(self):
        self.opening, self.credit, self.used = Fraction(0), Fraction(0), False
        self.clear()

    def clear(self):
        for name in MOVES:
            setattr(self, name, Fraction(0))

    @property
    def closing(self):
        return self.opening + self.accrued + self.tax + self.interest + self.penalties - self.paid


debts = []
books = {CLIENT: Books(), PROVIDER: Books()}
changed = set()


def add(debt):
    debts.append(debt)
    book = books[debt.debtor]
    book.used = True
    if debt.penalty:
        book.penalties += debt.amount
    else:
        book.accrued += debt.amount - debt.tax
        book.tax += debt.tax
    changed.add(debt.id)


def book_interest(debtor):
    for x in debts:
        if x.debtor == debtor and x.live and x.bears:
            new = cents(x.exact) - x.booked
            if new:
                x.booked += new
                books[debtor].interest += new
                changed.add(x.id)


def put(x, amount, d):
    """Up to `amount` to one debt, interest first. Gives what is left."""
    changed.add(x.id)
    used = min(amount, x.interest_open)
    x.interest_paid += used
    amount -= used
    used = min(amount, x.open)
    x.paid += used
    amount -= used
    if x.live and x.open == 0 and x.interest_open == 0:
        x.settled_on = d
    return amount


def spread(pool, debtor, d):
    """An unnamed sum over what is due, one debt after the other (no two rank alike this year). Gives what is left."""
    due = [x for x in debts if x.debtor == debtor and x.live and x.due <= d]
    ranks = [(not x.bears, x.due) for x in due]
    assert len(set(ranks)) == len(ranks), d
    for _, x in sorted(zip(ranks, due, strict=True), key=lambda pair: pair[0]):
        if pool:
            pool = put(x, pool, d)
    return pool


def pay(debtor, payments, d):
    book = books[debtor]
    book.used = True
    book_interest(debtor)
    for p in sorted(payments, key=lambda p: (not p["用途"], p["编号"])):
        amount = number(p["金额"])
        book.paid += amount
        for x in debts:
            if x.live and x.id == p["用途"]:
                amount = put(x, amount, d)
        book.credit += spread(amount, debtor, d)


def use_credit(debtor, d):
    book = books[debtor]
    if book.credit and any(x.debtor == debtor and x.live and x.due <= d for x in debts):
        book_interest(debtor)
        book.credit = spread(book.credit, debtor, d)


# ---- the months' measures


def commission(sales):
    return min(sales, 1_000_000) * Fraction(5, 100) + max(sales - 1_000_000, 0) * Fraction(8, 100)


def tests(month, whole):
    """Each kpi: its status, and how far from the baseline to the target it came."""
    names = ("流量增长", "关键词排名", "获客成本", "核心指标")
    first = date.fromisoformat(month + "-01")
    forced = month_end(first) >= PAUSED and first < RESUMED
    if forced or not whole:
        return {name: {"status": "not assessed"} for name in names}
    r = MONTHLY[month]
    traffic, rank, cost = (number(r[k]) for k in ("GA独立访客", "核心关键词排名", "获客成本额"))
    good = {"流量增长": traffic >= 12_000, "关键词排名": rank <= 10, "获客成本": cost <= 150}
    came = {
        "流量增长": (traffic - 10_000) / Fraction(2_000),
        "关键词排名": (rank - 18) / Fraction(-8),
        "获客成本": (cost - 200) / Fraction(-50),
    }
    found = {k: {"status": "met" if good[k] else "missed", "attainment": ratio(came[k])} for k in good}
    core = good["流量增长"] and good["关键词排名"]
    return found | {"核心指标": {"status": "met" if core else "missed"}}


# ---- the year, day by day

end = START.replace(year=START.year + 1) - DAY
notices, rights, breaches, months = [], {}, {}, {}
streak = 0
fired = set()  # rights whose condition still holds: they open again only after it did not
ended = False
settlement = None


def breach(id, by, since, ended_on=None, grade=None, graded_on=None):
    row = {"by": by, "since": since, "ended_on": ended_on, "grade": grade, "graded_on": graded_on}
    breaches[id] = row


def new_right(opened, lapses, with_contract=True):
    """Rights to terminate end with the contract, the right to arbitrate does not."""
    row = {"opened": opened, "lapses": lapses, "status": "open", "exercised_on": None}
    return row | {"with_contract": with_contract}


def open_right(name, d):
    """The right of that name that can be exercised on a day."""
    for id, right in rights.items():
        if id.startswith(name) and right["status"] == "open" and right["opened"] < d <= right["lapses"]:
            return right
    return None


def penalties_of(d):
    """The penalties by the day that stop on a day, when the delay ends or the cap is reached: due on the next month's 10th."""
    delays = []
    for month, r in MONTHLY.items():
        due = working_days_after(month_end(date.fromisoformat(month + "-01")), 3)
        delays.append((f"提交月报.penalty@{month}", due, day(r["月报提交日"]), 200, 2_000))
    for name, due in MILESTONES.items():
        delays.append((f"{name}.penalty@once", due, ONCE[f"{name}验收日"], 500, 10_000))
    for id, due, done, rate, cap in delays:
        if done and done > due and min(done, due + cap // rate * DAY) == d:
            yield id, min((d - due).days * rate, cap)


def close_values(month, last):
    """The month's lines and tests; `last` is the contract's last day in it."""
    global streak
    first = max(START, date.fromisoformat(month + "-01"))
    length = month_end(first).day
    whole = (last - first).days + 1 == length
    sales = number(MONTHLY[month]["销售转化额"])
    parts = {"服务费": cents(FEE * ((last - first).days + 1) / length), "佣金": cents(commission(sales))}
    due = tenth_of_next_month(first)
    grace = shifted(due + 5 * DAY)
    add(Debt(f"支付服务费@{month}", CLIENT, parts, last, due, grace, bears=True, taxed=True))
    ga, baidu = (number(MONTHLY[month][k]) for k in ("GA独立访客", "百度统计独立访客"))
    accepted = [c for c in ACCEPTED if c["结论"] == "采纳" and START <= day(c["验收日"]) <= last]
    values = {
        "绩效佣金": money(commission(sales)),
        "月独立访客": ratio(ga),
        "数据源偏差": ratio(cents(abs(ga - baidu) / ga * 100) / 100),
        "归甲方成果数": str(len(accepted)),
    }
    kpis = tests(month, whole)
    opening = streak
    status = kpis["核心指标"]["status"]
    added = 1 if status == "missed" else 0
    used = opening if status == "met" else 0
    streak = opening + added - used
    balance = {"opening": opening, "added": added, "used": used, "closing": streak}
    if streak >= 3 and "长期未达标" not in fired:
        rights[f"长期未达标@{month}"] = new_right(last, shifted(last + 90 * DAY))
    (fired.add if streak >= 3 else fired.discard)("长期未达标")
    return {"values": values, "kpis": kpis, "balance": balance}


d = date(2026, 1, 1)
found = None
while d <= AS_OF:
    month = d.isoformat()[:7]
    active = d >= START and not ended
    # 1. what holds from this morning
    if d == RESUMED:
        end += SUSPENDED * DAY  # the term is extended by the days of the force majeure
    for x in debts:
        deadline = x.grace or x.due
        if x.live and x.default_since is None and deadline < d:
            x.default_since = deadline + DAY
            changed.add(x.id)
        if x.id.startswith("支付服务费") and x.live and x.default_since and (d - x.default_since).days == 30:
            x.serious_on = d
            changed.add(x.id)
    for q in INFRINGEMENTS:
        if day(q["发现日"]) == d and active:
            breach(f"侵犯第三方权利@{q['事件号']}", PROVIDER, d, None, "serious", d)
            due = shifted(d + 15 * DAY)
            add(Debt(f"侵权赔偿@{q['事件号']}", PROVIDER, {"": number(q["甲方承担额"])}, d, due, bears=True))
            if "乙方严重违约" not in fired:
                rights[f"乙方严重违约@{d}"] = new_right(d, shifted(d + 90 * DAY))
                fired.add("乙方严重违约")
    for leak in LEAKS:  # secrets are kept for three years after the end
        if day(leak["发生日"]) == d and START <= d <= end.replace(year=end.year + 3):
            breach(f"{leak['责任方']}泄密@{leak['事件号']}", leak["责任方"], d, None, "serious", d)
        if day(leak["催告到达日"]) == d:
            id, due = f"{leak['责任方']}泄密.penalty@{leak['事件号']}", shifted(d + 10 * DAY)
            add(Debt(id, leak["责任方"], {"": LEAK}, d, due, penalty=True))
    # 2. interest of the day
    for x in debts:
        if x.live and x.bears and d > x.due:
            if x.grace is None or (x.default_since and d > x.default_since):
                x.exact += x.open * RATE
            elif x.default_since == d:  # grace is over: its days are charged now
                x.exact += x.open * RATE * (d - x.due).days
            x.exact = min(x.exact, x.amount / 10)  # its cap
    # 3. payments, notices, credit
    for debtor in (CLIENT, PROVIDER):
        today = [p for p in PAYMENTS if p["付款人"] == debtor and max(day(p["到账日"]), START) == d]
        if today:
            pay(debtor, today, d)
    if d == ONCE["未达标解除通知.到达"] and (right := open_right("长期未达标", d)):
        right.update(status="exercised", exercised_on=d)
        notices.append(
            {"received": d, "cure_until": shifted(d + 15 * DAY), "end": d + 15 * DAY, "cured": False, "of": []}
        )
    if d == ONCE["欠付解除通知.到达"] and (right := open_right("甲方严重欠付", d)):
        right.update(status="exercised", exercised_on=d)
        grounds = [x for x in debts if x.live and x.serious_on]
        cure_until = shifted(d + 15 * DAY)
        notices.append({"received": d, "cure_until": cure_until, "end": d + 15 * DAY, "cured": False, "of": grounds})
    for debtor in (CLIENT, PROVIDER):
        use_credit(debtor, d)
    # 4. end of day
    for id, amount in penalties_of(d):
        add(Debt(id, PROVIDER, {"": amount}, d, tenth_of_next_month(d), penalty=True))
    for n in notices:
        if n["received"] <= d <= n["cure_until"]:
            if n["of"]:
                n["cured"] = n["cured"] or not any(x.live for x in n["of"])
            else:
                n["cured"] = n["cured"] or ONCE["整改验收日"] == d
            for x in n["of"]:
                x.cured = x.cured or x.settled_on == d
    for z in DISPUTES:
        way = LADDERS[z["争议号"]]
        if way["status"] == "exhausted" and way["on"] == d and not ended:
            for who in (CLIENT, PROVIDER):
                lapses = shifted(d.replace(year=d.year + 1))
                rights[f"{who}申请仲裁@{z['争议号']}"] = new_right(d, lapses, with_contract=False)
        for who in (CLIENT, PROVIDER):
            right = rights.get(f"{who}申请仲裁@{z['争议号']}")
            if right and day(z[f"{who}申请仲裁日"]) == d and right["opened"] < d <= right["lapses"]:
                right.update(status="exercised", exercised_on=d)
    serious = any(x.live and x.serious_on for x in debts)
    if serious and "甲方严重欠付" not in fired and not ended:
        rights[f"甲方严重欠付@{d}"] = new_right(d, shifted(d + 90 * DAY))
    (fired.add if serious else fired.discard)("甲方严重欠付")
    ends_today = not ended and (d == end or any(n["end"] == d and not n["cured"] for n in notices))
    end = d if ends_today else end
    if active and (ends_today or d == month_end(d)):
        found = close_values(month, d)
    for debtor in (CLIENT, PROVIDER):
        use_credit(debtor, d)
    for right in rights.values():
        if right["status"] == "open" and (right["lapses"] <= d or (ends_today and right["with_contract"])):
            right["status"] = "lapsed"
    if ends_today:
        ended = True
        book_interest(CLIENT)
        book_interest(PROVIDER)
        settlement = {
            "as_of": d,
            "principal": {x.id: money(x.open) for x in debts if x.live and x.open},
            "interest": {x.id: money(x.interest_open) for x in debts if x.interest_open},
        }
    if d == month_end(d):
        book_interest(CLIENT)
        book_interest(PROVIDER)
        ledger = {}
        for debtor, b in books.items():
            if not b.used:
                continue
            live = [x for x in debts if x.debtor == debtor and x.live]
            sums = {"not_due": Fraction(0), "due": Fraction(0), "overdue": Fraction(0)}
            for x in live:
                where = "overdue" if x.default_since else "due" if x.due <= d else "not_due"
                sums[where] += x.open + x.interest_open
            assert b.closing == sum(sums.values()) - b.credit, (month, debtor)
            ledger[debtor] = {"opening": money(b.opening)}
            ledger[debtor].update({name: money(getattr(b, name)) for name in MOVES})
            ledger[debtor].update(closing=money(b.closing), credit=money(b.credit))
            ledger[debtor].update({name: money(value) for name, value in sums.items()})
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
                    "tax": money(x.tax),
                    "interest": {
                        "booked": money(x.booked),
                        "paid": money(x.interest_paid),
                        "open": money(x.interest_open),
                    },
                    "performed_on": x.settled_on,
                }
            if x.default_since:
                grade = ("serious", x.serious_on) if x.serious_on else (None, None)
                breach(x.id, x.debtor, x.default_since, x.settled_on, *grade)
                if x.cured:
                    breaches[x.id]["cured_on"] = x.settled_on
        noticed = any(n["received"] <= d and not n["cured"] for n in notices)
        state = "ended" if ended else "ending" if noticed else "active"
        months[month] = {"state": state, "ledger": ledger, "lines": lines, **(found or {})}
        months[month]["rights"] = {
            id: {name: value for name, value in right.items() if name != "with_contract"}
            for id, right in rights.items()
        }
        found = None
        changed.clear()
    d += DAY

# ---- duties that are not money

duties = {}


def act(id, due, done_on, by, grade="minor", gone="discharged"):
    """A duty due on a day: performed, performed late (with its breach), in breach, or gone with the contract."""
    if due is not None and due > end and done_on is None:
        duties[id] = {"due": due, "status": gone}
        return
    if due is not None and (done_on is None or done_on > due):
        breach(id, by, due + DAY, done_on, grade, due + DAY)
    status = "not yet due" if due is None else "breached" if done_on is None else "performed"
    duties[id] = {"due": due, "status": "performed late" if done_on and done_on > due else status}


reports = list(WEEKLY)
friday = START + (4 - START.weekday()) % 7 * DAY
while friday - 6 * DAY <= end:
    due = friday
    if PAUSED <= friday < RESUMED:
        due += SUSPENDED * DAY
    due = shifted(due)
    mine = next((r for r in reports if friday - 6 * DAY <= r <= due and r <= end), None)
    if mine:
        reports.remove(mine)
    act(f"提交周报@{friday}", due, mine, PROVIDER)
    friday += 7 * DAY
for month in months:
    first = date.fromisoformat(month + "-01")
    if first <= end:
        act(f"提交月报@{month}", working_days_after(month_end(first), 3), day(MONTHLY[month]["月报提交日"]), PROVIDER)
for quarter, done in QUARTERLY.items():
    last = month_end(date(2026, 3 * int(quarter[-1]), 1))
    act(f"提交季报@{quarter}", working_days_after(last, 5), done, PROVIDER)
for name, due in MILESTONES.items():
    act(f"{name}@once", due, ONCE[f"{name}验收日"], PROVIDER, gone="excused")
for r in REVIEWS:
    sent, reviewed = day(r["送审日"]), day(r["审核完成日"])
    review_due = working_days_after(sent, 2)
    act(f"审核广告@{r['送审号']}", review_due, reviewed, CLIENT)
    due = reviewed and working_days_after(max(reviewed, review_due), 5)
    if due and PAUSED <= due < RESUMED:
        due = shifted(due + SUSPENDED * DAY)
    act(f"上线投放@{r['送审号']}", due, day(r["上线日"]), PROVIDER)
for r in REJECTED:
    if working_days_between(day(r["原提交日"]), day(r["退回日"])) <= 5:
        act(f"补正成果@{r['退回号']}", working_days_after(day(r["退回日"]), 3), day(r["补正日"]), PROVIDER)
for c in ACCEPTED:
    if c["结论"] == "采纳":
        act(f"移交成果@{c['成果号']}", working_days_after(day(c["验收日"]), 5), day(c["移交日"]), PROVIDER)
act("成果交接@once", shifted(end + 10 * DAY), ONCE["交接完成日"], PROVIDER, "serious")

for z in DISPUTES:
    for who, other in ((CLIENT, PROVIDER), (PROVIDER, CLIENT)):
        right = rights.get(f"{who}申请仲裁@{z['争议号']}")
        if right and right["exercised_on"]:
            filed = right["exercised_on"]
            act(f"{other}应裁@{filed}", shifted(filed + 15 * DAY), ONCE[f"{other}答辩日"], other)

# ---- launches without approval

blocked = [p["投放号"] for p in LAUNCHES if not (day(p["审核通过日"]) and day(p["审核通过日"]) <= day(p["投放日"]))]
for p in LAUNCHES:
    if p["投放号"] in blocked:
        breach(f"未审先投@{p['投放号']}", PROVIDER, day(p["投放日"]), None, "minor", day(p["投放日"]))

statement = {
    "as_of": AS_OF,
    "started": START,
    "ended": end,
    "months": months,
    "duties": duties,
    "breaches": dict(sorted(breaches.items(), key=lambda kv: (kv[1]["since"], kv[0]))),
    "settlement": settlement,
    "ladders": LADDERS,
    "blocked": blocked,
    "flags": {
        f"{leak['责任方']}泄密.penalty@{leak['事件号']}": money(LEAK - Fraction(13, 10) * number(leak["已证实损失"]))
        for leak in LEAKS
    },
}

if __name__ == "__main__":
    text = json.dumps(statement, ensure_ascii=False, indent=1, default=lambda x: x.isoformat())
    (HERE / "statement.json").write_text(text + "\n", encoding="utf-8")
    for month, m in months.items():
        print(month, m["state"], m.get("kpis"), m["ledger"].get(CLIENT), m["ledger"].get(PROVIDER, ""))
