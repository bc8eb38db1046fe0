"""The expected statement of the year in ../facts: plain Python, exact fractions, nothing of the engine.

Run it here; it reads ../facts/*.csv and writes statement.json, against which the engine's result is held.

How an accountant would check it (5th working day of the next month; 2026 holidays as announced):

  month             01     02     03     04     05     06     07     08     09     10
  falls due       02-06  03-06  04-08  05-11  06-05  07-07  08-07  09-07  10-13  11-06
  fee's grace to  02-11  03-11  04-13  05-18  06-10  07-13  08-12  09-14  10-19  11-11

  minimums (>= 5 dealers, >= 1,000 boxes, >= 800,000)
    met     01, 04, 05 (exactly), 09        missed  02 (3 dealers; boxes unknown), 03, 06, 07, 08
    not assessed  10 (part of a month)
  fee withheld    02 on 03-09 (last day 03-10), 06 on 07-09 (07-10), 08 on 09-10 (the last day)
  not withheld    03 (no notice), 07 (notice on 08-11, a day after the last day)
  commission = (dealer price - factory price) x boxes, orders of the month outside the developed area
    01  120 x 13 + 80 x 26 = 3,640        06   40 x 26           = 1,040
    02  100 x 13           = 1,300        07   90 x 13 + 20 x 26 = 1,690
    03  200 x 13           = 2,600        08  110 x 13           = 1,430
    04   50 x 13           =   650        09  150 x 13 + 40 x 26 = 2,990
    05  300 x 13           = 3,900        10   60 x 13           =   780  (10-20: after the end)
  exclusivity     broken 03-18, demanded 03-25: 20,000, due 04-04, a holiday, so 04-07
                  1.3 x 12,000 = 15,600; flag 4,400
  termination     notice after the third miss received 09-14: cure to 09-29, end 10-14; 09-30 is too late
  fee of 10       8,000 x 14/31 = 3,612.903... = 3,612.90

Rules of money: what is named first; then due debts, those that bear interest first, then the earlier due,
then in proportion to what is open (odd cents by largest remainder). Within a debt interest before principal.
What is left is credit, used when a debt is due, after that day's payments. Interest of a day is rate x
principal open when the day begins, from the day after the deadline, to 10% of the amount; nothing on what is
paid within grace; booked by rounding the running total (half up) and taking what is new.
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
CLIENT, OPERATOR = "甲方", "乙方"

# What the agreement says (blanks filled as in the contract file).
FEE, LEAST_DEALERS, LEAST_BOXES, LEAST_SALES = Fraction(8000), 5, 1000, Fraction(800_000)
PENALTY = Fraction(20_000)


def rate(d):
    return Fraction(5, 10_000) if d < date(2026, 7, 1) else Fraction(4, 10_000)


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


def fifth_working_day_of_next_month(d):
    return after_working_days(month_end(d), 5)


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
ORDERS, PAYMENTS, TRANSFERS, ADS = rows("订单"), rows("收付款"), rows("经销商打款"), rows("第三方广告")
MEETINGS, APPOINTMENTS, INFRINGEMENTS = rows("会议"), rows("另行委托"), rows("侵权事件")
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


class Debt:
    def __init__(self, id, debtor, amount, arises, due, grace=None, bears=False, penalty=False):
        self.id, self.debtor, self.amount, self.arises, self.due = id, debtor, amount, arises, due
        self.grace, self.bears, self.penalty = grace, bears, penalty
        self.paid = self.exact = self.booked = self.interest_paid = Fraction(0)
        self.withheld_on = self.settled_on = self.default_since = self.serious_on = None
        self.cured = False

    @property
    def open(self):
        return Fraction(0) if self.withheld_on else self.amount - self.paid

    @property
    def interest_open(self):
        return self.booked - self.interest_paid

    @property
    def live(self):
        return self.settled_on is None and self.withheld_on is None

    @property
    def owed(self):
        """Something can be claimed; interest booked before the fee was withheld still can."""
        return self.live or self.interest_open > 0

    def status(self, d):
        if self.withheld_on:
            return "withheld"
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


MOVES = ("accrued", "interest", "penalties", "withheld", "paid", "refunded")


class Books:
    """What one party owes the other: the month's movements, and the payer's credit."""

    def __init__(self, debtor):
        self.debtor, self.opening, self.credit = debtor, Fraction(0), Fraction(0)
        self.used = False
        self.clear()

    def clear(self):
        for name in MOVES:
            setattr(self, name, Fraction(0))

    @property
    def closing(self):
        up = self.opening + self.accrued + self.interest + self.penalties + self.refunded
        return up - self.withheld - self.paid


debts = []
books = {CLIENT: Books(CLIENT), OPERATOR: Books(OPERATOR)}
changed = set()


def add(debt):
    debts.append(debt)
    book = books[debt.debtor]
    book.used = True
    if debt.penalty:
        book.penalties += debt.amount
    else:
        book.accrued += debt.amount
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
    """An unnamed sum over what is due. Gives what is left."""
    due = [x for x in debts if x.debtor == debtor and x.owed and x.due <= d]
    for order in sorted({(not x.bears, x.due) for x in due}):
        group = [x for x in due if (not x.bears, x.due) == order]
        claims = [x.open + x.interest_open for x in group]
        total = sum(claims)
        if not pool:
            break
        if pool >= total:
            shares = claims
        else:
            exact = [pool * c / total for c in claims]
            shares = [Fraction(int(e * 100), 100) for e in exact]
            odd = int((pool - sum(shares)) * 100)
            by_rest = sorted(range(len(group)), key=lambda i: shares[i] - exact[i])
            for i in by_rest[:odd]:
                shares[i] += Fraction(1, 100)
        for x, share in zip(group, shares, strict=True):
            put(x, share, d)
        pool -= sum(shares)
    return pool


def pay(debtor, payments, d):
    book = books[debtor]
    book.used = True
    book_interest(debtor)
    pool = Fraction(0)
    for p in sorted(payments, key=lambda p: (not p["用途"], p["编号"])):
        amount = number(p["金额"])
        book.paid += amount
        for x in sorted(debts, key=lambda x: x.due):
            words = (x.id, x.id.split("@")[0], x.id.split("@")[0].removesuffix(".penalty"))
            if x.owed and x.debtor == debtor and p["用途"] in words:
                amount = put(x, amount, d)
        pool += amount
    book.credit += spread(pool, debtor, d)


def use_credit(debtor, d):
    book = books[debtor]
    if book.credit and any(x.debtor == debtor and x.owed and x.due <= d for x in debts):
        book_interest(debtor)
        book.credit = spread(book.credit, debtor, d)


# ---- the months' measures


def commission(month, last):
    total = Fraction(0)
    for o in ORDERS:
        on = day(o["下单日"])
        if o["下单日"][:7] == month and on <= last and o["区域"] != "已开发区域":
            total += (number(o["经销价"]) - number(o["出厂价"])) * number(o["件数"])
    return total


def minimums(month):
    r = MONTHLY[month]
    least = {"新签经销商": LEAST_DEALERS, "出货量": LEAST_BOXES, "销售额": LEAST_SALES}
    tests = [(number(r[name]), at_least) for name, at_least in least.items()]
    if any(value is not None and value < at_least for value, at_least in tests):
        return "missed"  # one miss decides, whatever is unknown
    return "undetermined" if any(value is None for value, _ in tests) else "met"


def network(month):
    """Tested from the month in which the three months after 10 February end: May."""
    names = ("关键字首页", "独立IP", "日询盘", "转化率")
    if month < "2026-05" or month_end(date.fromisoformat(month + "-01")) > end:
        return dict.fromkeys(names, "not assessed")
    r = {k: number(MONTHLY[month][k]) for k in ("百度排名", "谷歌排名", "月独立IP", "月询盘", "成交客户")}
    length = month_end(date.fromisoformat(month + "-01")).day
    tests = (
        r["百度排名"] <= 10 and r["谷歌排名"] <= 10,
        r["月独立IP"] >= 500,
        r["月询盘"] / length >= 10,
        r["成交客户"] / r["月独立IP"] >= Fraction(15, 1000),
    )
    return {name: "met" if good else "missed" for name, good in zip(names, tests, strict=True)}


# ---- the year, day by day

end = date(2026, 12, 31)
notices = []  # notices of termination that were good
rights, breaches, events, months = {}, {}, [], {}
run = 0
fired = set()  # rights of termination whose condition still holds: they open again only after it did not
grounds_of = {}
ended = False
settlement = None


def breach(id, by, since, ended_on=None, grade=None, graded_on=None):
    row = {"by": by, "since": since, "ended_on": ended_on, "grade": grade, "graded_on": graded_on}
    breaches[id] = row


def new_right(opened, lapses):
    return {"opened": opened, "lapses": lapses, "status": "open", "exercised_on": None}


def open_right(name, d):
    """The first right of that name that can be exercised on a day."""
    for id, right in rights.items():
        if id.startswith(name) and right["status"] == "open" and right["opened"] < d <= right["lapses"]:
            return id, right
    return None, None


def consented(a):
    """The client's consent to an ad cost came before it was incurred, or the same day."""
    return bool(a["甲方同意日"]) and day(a["甲方同意日"]) <= day(a["发生日"])


def close_values(month, last):
    """The month's lines and tests; `last` is the contract's last day in it."""
    global run
    first = date.fromisoformat(month + "-01")
    whole = last == month_end(first)
    values = {"销售佣金": money(commission(month, last))}
    share = Fraction((last - first).days + 1, month_end(first).day)
    due = fifth_working_day_of_next_month(first)
    grace = shifted(due + 5 * DAY)
    add(Debt(f"支付外包服务费@{month}", CLIENT, cents(FEE * share), last, due, grace, bears=True))
    if commission(month, last) > 0:  # below zero nothing is deducted
        add(Debt(f"支付销售佣金@{month}", CLIENT, cents(commission(month, last)), last, due, bears=True))
    kpis = {"最低指标": minimums(month) if whole else "not assessed"} | network(month)
    run = run + 1 if kpis["最低指标"] == "missed" else 0 if kpis["最低指标"] == "met" else run
    if kpis["最低指标"] == "missed":
        last_day = shifted(last + 10 * DAY)
        rights[f"拒付外包服务费@{month}"] = new_right(last, last_day)
    if run >= 3 and "连续不达标" not in fired:
        rights[f"连续不达标@{month}"] = new_right(last, shifted(last + 90 * DAY))
    (fired.add if run >= 3 else fired.discard)("连续不达标")
    costs = [a for a in ADS if a["发生日"][:7] == month and day(a["发生日"]) <= last]
    values["经同意广告费"] = money(sum((number(a["费用"]) for a in costs if consented(a)), Fraction(0)))
    values["未经同意广告费"] = money(sum((number(a["费用"]) for a in costs if not consented(a)), Fraction(0)))
    return values, kpis, run


d = START
values, kpis = {}, {}
while d <= AS_OF:
    month = d.isoformat()[:7]
    # 1. what holds from this morning
    for x in debts:
        deadline = x.grace or x.due
        if x.live and x.default_since is None and deadline < d:
            x.default_since = deadline + DAY
            changed.add(x.id)
        fee = x.id.startswith("支付外包服务费")
        if fee and x.live and x.default_since and (d - x.default_since).days == 30:
            x.serious_on = d
            changed.add(x.id)
    for a in ADS:
        if day(a["发生日"]) == d and d <= end and consented(a):
            add(Debt(f"承担广告费@{a['费用号']}", CLIENT, number(a["费用"]), d, shifted(d + 30 * DAY)))
    for e in APPOINTMENTS:
        if day(e["委托日"]) == d and d <= end:
            breach(f"独家招商@{e['委托号']}", CLIENT, d, None, "serious", d)
        if day(e["催告到达日"]) == d:
            add(Debt(f"独家招商.penalty@{e['委托号']}", CLIENT, PENALTY, d, shifted(d + 10 * DAY), penalty=True))
    for q in INFRINGEMENTS:
        licensed = day(q["甲方许可日"]) and day(q["甲方许可日"]) <= day(q["发现日"])
        if day(q["发现日"]) == d and d <= end and not licensed:
            breach(f"违法侵权@{q['事件号']}", OPERATOR, d, None, "serious", d)
            add(Debt(f"侵权赔偿@{q['事件号']}", OPERATOR, number(q["甲方承担额"]), d, shifted(d + 15 * DAY)))
    # 2. interest of the day
    for x in debts:
        if x.live and x.bears and d > x.due:
            if x.grace is None or (x.default_since and d > x.default_since):
                x.exact += x.open * rate(d)
            elif x.default_since == d:  # grace is over: its days are charged now
                charged = x.due + DAY
                while charged <= d:
                    x.exact += x.open * rate(charged)
                    charged += DAY
            x.exact = min(x.exact, x.amount / 10)  # its cap
    # 3. payments, notices, credit
    for debtor in (CLIENT, OPERATOR):
        today = [p for p in PAYMENTS if day(p["到账日"]) == d and p["付款人"] == debtor and p["类型"] == "付款"]
        if today:
            pay(debtor, today, d)
    for p in PAYMENTS:
        if day(p["到账日"]) == d and p["类型"] == "退款":
            books[p["收款人"]].refunded += number(p["金额"])
            books[p["收款人"]].credit -= number(p["金额"])
    for about, r in MONTHLY.items():
        if day(r["拒付通知到达日"]) == d:
            right = rights.get(f"拒付外包服务费@{about}")
            if right and right["opened"] < d <= right["lapses"]:
                right.update(status="exercised", exercised_on=d)
                x = next(x for x in debts if x.id == f"支付外包服务费@{about}")
                book_interest(CLIENT)
                books[CLIENT].withheld += x.amount
                books[CLIENT].credit += x.paid  # what was paid of it comes back
                x.withheld_on = d
                changed.add(x.id)
            else:
                events.append({"date": d, "kind": "too late", "subject": f"拒付外包服务费@{about}"})
        if day(r["甲方解除通知.到达"]) == d:
            id, right = open_right("连续不达标", d)
            if right:
                cure_until = shifted(d + 15 * DAY)
                right.update(status="exercised", exercised_on=d)
                notices.append(
                    {
                        "received": d,
                        "cure_until": cure_until,
                        "end": d + 30 * DAY,
                        "cured": False,
                        "grounds": [],
                    }
                )
        if day(r["乙方解除通知.到达"]) == d:
            id, right = open_right("严重欠付", d)
            if right:
                right.update(status="exercised", exercised_on=d)
                grounds = grounds_of[id]
                cure_until = shifted(d + 15 * DAY)
                notices.append(
                    {
                        "received": d,
                        "cure_until": cure_until,
                        "end": d + 30 * DAY,
                        "cured": False,
                        "grounds": grounds,
                    }
                )
    for debtor in (CLIENT, OPERATOR):
        use_credit(debtor, d)
    # 4. end of day
    for n in notices:
        if n["received"] <= d <= n["cure_until"]:  # what is done on the day of receipt counts
            if n["grounds"]:
                n["cured"] = n["cured"] or not any(x.live for x in n["grounds"])
            else:
                n["cured"] = n["cured"] or ONCE["整改验收日"] == d
            for x in n["grounds"]:
                x.cured = x.cured or x.settled_on == d
    serious = any(x.live and x.serious_on for x in debts)
    if serious and "严重欠付" not in fired and not ended:
        rights[f"严重欠付@{d}"] = new_right(d, shifted(d + 90 * DAY))
        grounds_of[f"严重欠付@{d}"] = [x for x in debts if x.live and x.serious_on]
    (fired.add if serious else fired.discard)("严重欠付")
    ends_today = not ended and (d == end or any(n["end"] == d and not n["cured"] for n in notices))
    end = d if ends_today else end
    if not ended and (ends_today or d == month_end(d)):
        values, kpis, _ = close_values(month, d)
    for debtor in (CLIENT, OPERATOR):
        use_credit(debtor, d)
    for right in rights.values():
        if right["status"] == "open" and right["lapses"] <= d:
            right["status"] = "lapsed"
    if ends_today:
        ended = True
        for id, right in rights.items():
            if right["status"] == "open" and not id.startswith("拒付"):
                right["status"] = "lapsed"  # rights to terminate end with the contract
        book_interest(CLIENT)
        book_interest(OPERATOR)
        settlement = {
            "as_of": d,
            "items": {x.id: money(x.open) for x in debts if x.live and x.open},
            "interest": {x.id: money(x.interest_open) for x in debts if x.interest_open},
            "credit": {debtor: money(b.credit) for debtor, b in books.items() if b.credit},
        }
    if d == month_end(d):
        book_interest(CLIENT)
        book_interest(OPERATOR)
        ledger = {}
        for debtor, b in books.items():
            if not b.used:
                continue
            live = [x for x in debts if x.debtor == debtor and x.owed]
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
            if x.owed or x.id in changed:
                lines[x.id] = {
                    "amount": money(x.amount),
                    "due": x.due.isoformat(),
                    "status": x.status(d),
                    "paid": money(x.paid),
                    "open": money(x.open),
                    "interest": {
                        "booked": money(x.booked),
                        "paid": money(x.interest_paid),
                        "open": money(x.interest_open),
                    },
                    "performed_on": x.settled_on and x.settled_on.isoformat(),
                }
        for x in debts:
            if x.default_since:
                graded = (None, None)
                if x.serious_on:
                    graded = ("serious", x.serious_on)
                elif "广告费" in x.id:
                    graded = ("minor", x.default_since)
                breach(x.id, x.debtor, x.default_since, x.settled_on, *graded)
                if x.cured:
                    breaches[x.id]["cured_on"] = x.settled_on
        noticed = any(n["received"] <= d and not n["cured"] for n in notices)
        state = "ended" if ended else "ending" if noticed else "active"
        months[month] = {
            "state": state,
            "values": values,
            "kpis": kpis,
            "run": run,
            "ledger": ledger,
            "lines": lines,
        }
        months[month]["rights"] = {
            id: {k: (v.isoformat() if isinstance(v, date) else v) for k, v in right.items()}
            for id, right in rights.items()
        }
        values, kpis = {}, {}
        changed.clear()
    d += DAY

# ---- duties that are not money

duties = {}


def acts(id, due, done_on, by):
    """A duty due on a day: performed, performed late (with its breach), or breached."""
    if done_on is None or done_on > due:
        breach(id, by, due + DAY, done_on, "minor", due + DAY)
    status = "breached" if done_on is None else "performed" if done_on <= due else "performed late"
    duties[id] = {"due": due, "status": status}


for t in TRANSFERS:
    due = after_working_days(day(t["打款日"]), 3)
    acts(f"按时发货@{t['打款号']}", due, day(t["发货日"]), CLIENT)
for month, r in MONTHLY.items():
    if month > end.isoformat()[:7]:
        break
    last = month_end(date.fromisoformat(month + "-01"))
    met = sorted(day(m["召开日"]) for m in MEETINGS if m["召开日"][:7] == month and m["方式"] == "网络")
    acts(f"召开网络会议@{month}", last, met[0] if met else None, OPERATOR)
    helped = last if r["积极配合认定"] == "是" else None
    acts(f"资料配合@{month}", last, helped, CLIENT)

statement = {
    "as_of": AS_OF,
    "ended": end,
    "months": months,
    "duties": duties,
    "breaches": dict(sorted(breaches.items(), key=lambda kv: (kv[1]["since"], kv[0]))),
    "events": events,
    "settlement": settlement,
    "flags": {
        f"独家招商.penalty@{e['委托号']}": money(PENALTY - Fraction(13, 10) * number(e["已证实损失"]))
        for e in APPOINTMENTS
    },
    "excluded": [o["订单号"] for o in ORDERS if day(o["下单日"]) > end],
}

if __name__ == "__main__":
    text = json.dumps(statement, ensure_ascii=False, indent=1, default=lambda x: x.isoformat())
    (HERE / "statement.json").write_text(text + "\n", encoding="utf-8")
    for month, m in months.items():
        print(month, m["state"], m["kpis"], m["run"], m["ledger"].get(CLIENT), m["ledger"].get(OPERATOR, ""))
