"""The expected statement of the year in ../facts: plain Python, exact fractions, nothing of the engine.

Run it here; it reads ../facts/*.csv and writes statement.json, against which the engine's result is held.

How an accountant would check it (2026 holidays as announced; dues that fall on a day off move to the next working day):

  store profit            01       02       03       04      05      06     07      08       09       10        11 (19 days)
                     100,000  110,000   90,000  120,000  80,000 -12,000  60,000 250,000  112,000  200,000  33,333.33
  risk (threshold 20%)  17.9%    19%      21%      12%     12%   12.2%    16%     16%      21%      15%       15%
  way                     7:3  7:3|6:4  priority    6:4     6:4      -   ladder  ladder priority   ladder    ladder
  attainment             100%     112%     100%    125%     90%      -    100%    137%       -     200%      105%
  operator              30,000   41,200   30,000  52,800  32,000      0  24,000 135,000   51,000  120,000  13,333.33
  investor              70,000   68,800   60,000  67,200  48,000      0  36,000 115,000   61,000   80,000  20,000.00
  recovered, from 1,995,000: 2,065,000  2,133,800  2,193,800  2,261,000  2,309,000  2,309,000
                             2,345,000  2,460,000  2,521,000  2,601,000  2,621,000

  dormancy 18 May to 17 July: two months, the end moves to 28 February 2027; "normal" = (41,200 + 30,000 + 52,800) / 3
    fee 30% = 12,400.00 a month: May 14/31 = 5,600.00, June 12,400.00, July 17/31 = 6,800.00
  exit: growth 5% > 3%, -4% < 2%, 1% < 3%: open at the end of September; notice 20 October, end 19 November
    penalty 5% x (3,000,000 - 2,621,000) = 18,950.00; reserve 80,000.00 goes back 2:3
  leak of 15 June: 20% x 8,000,000 = 1,600,000; 1.3 x 1,000,000 = 1,300,000; flag 300,000
  audit: (60,000 + 50,000 + 120,000) - (52,000 + 50,000 + 95,000) = 33,000; / 197,000 = 16.75% at the end of August

Rules of money: what is named first; then due debts, those that bear interest first, then the earlier due, then in
proportion to what is open (odd cents by largest remainder). Within a debt interest before principal. What is left is
credit, used when a debt is due, after that day's payments. Interest of a day is 0.05% x principal open when the day
begins, to 10% of the amount; booked by rounding the running total (half up) and taking what is new. Dividends of the
store: nothing on what is paid within grace, else from the day after the due date; the brand's commissions: from the day
after grace. While the store is dormant nothing runs on its dividends, and what falls due then moves by two months.
"""

import csv
import itertools
import json
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).parent
FACTS = HERE.parent / "facts"
START, AS_OF = date(2026, 1, 1), date(2026, 12, 31)
DAY = timedelta(days=1)
BRAND, OPERATOR, INVESTOR, MAKER = "品牌方", "经营方", "投资方", "代工方"
RESERVE, AUDITOR, CHARITY = "共管账户", "审计机构", "公益机构"

# What the agreement says (blanks filled as in the contract file).
CAPITAL, RECOVERED = Fraction(3_000_000), Fraction(1_995_000)
PRIORITY, SECOND, BASE_LINE = Fraction(60_000), Fraction(40_000), Fraction(100_000)
RATE = Fraction(5, 10_000)
SHARE_OF = {BRAND: Fraction(30, 100), OPERATOR: Fraction(20, 100), INVESTOR: Fraction(50, 100)}
SCORES_WEIGH = Fraction(30, 100)


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


def next_month(d, day):
    first = month_end(d) + DAY
    return shifted(month_end(first) if day == 31 else first.replace(day=day))


def quarter_of(month):
    return f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"


# ---- facts


def rows(name):
    with open(FACTS / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def number(text):
    text = text.replace(",", "")
    if not text:
        return None
    if text.endswith("%"):
        return Fraction(text[:-1]) / 100
    return Fraction(text[:-1]) * 10_000 if text.endswith("万") else Fraction(text)


def day(text):
    return date.fromisoformat(text) if text else None


def moment(text):
    return datetime.fromisoformat(text) if text else None


MONTHLY = {r["月份"]: r for r in rows("月度数据")}
QUARTERLY = {r["季度"]: r for r in rows("季度数据")}
YEARLY = {r["年份"]: r for r in rows("年度数据")}
DRAWS, SALES, COSTS, REVIEWS = rows("储备金动用"), rows("联名销售"), rows("环节成本"), rows("服务商考核")
REPORTS, AUDITS, LEAKS, DEVIATIONS = rows("进度汇报"), rows("专项审计"), rows("泄密事件"), rows("偏差事项")
STORMS, DISPUTES, AWARDS, SUITS = rows("重大舆情"), rows("争议"), rows("仲裁裁决"), rows("起诉记录")
WEEKS = {r["周"]: number(r["核心KPI周环比"]) for r in rows("周数据")}
PAYMENTS = rows("收付款")
DORMANT = [(day(r["自"]), day(r["至"])) for r in rows("休眠期")]


def fact(name, month):
    return number(MONTHLY[month][name])


def dormant(d):
    return any(first <= d <= last for first, last in DORMANT)


# ---- money


def cents(x):
    """Half up, away from zero."""
    sign = -1 if x < 0 else 1
    return sign * Fraction((abs(x) * 200 + 1) // 2, 100)


def money(x):
    x = cents(x)
    whole, rest = divmod(abs(int(x * 100)), 100)
    return f"{'-' if x < 0 else ''}{whole}.{rest:02}"


def divided(exact):
    """Exact shares as cents that add up to the rounded whole: the odd ones go to the largest remainders."""
    total = sum(exact.values())
    if total < 0:
        return {who: -x for who, x in divided({who: -x for who, x in exact.items()}).items()}
    down = {who: Fraction(int(x * 100), 100) for who, x in exact.items()}
    odd = int((cents(total) - sum(down.values())) * 100)
    for who in sorted(exact, key=lambda w: down[w] - exact[w])[:odd]:
        down[who] += Fraction(1, 100)
    return down


def split(amount, shares):
    return divided({who: amount * share for who, share in shares.items()})


def bands(amount, limits):
    """A marginal ladder of (up to, shares); the last one is open."""
    exact, below = {}, Fraction(0)
    for limit, shares in limits:
        part = max(amount - below, Fraction(0)) if limit is None else max(min(amount, limit) - below, Fraction(0))
        for who, share in shares.items():
            exact[who] = exact.get(who, Fraction(0)) + part * share
        below = limit
    return exact


# ---- the store


def pair(investor, operator):
    return {INVESTOR: Fraction(investor, 10), OPERATOR: Fraction(operator, 10)}


def ladder(profit):
    return divided(bands(profit, [(BASE_LINE, pair(6, 4)), (Fraction(200_000), pair(5, 5)), (None, pair(4, 6))]))


def payback(profit, recovered):
    exact, rest = {INVESTOR: Fraction(0), OPERATOR: Fraction(0)}, profit
    for limit, shares in ((CAPITAL * 7 / 10, pair(7, 3)), (CAPITAL, pair(6, 4)), (None, pair(5, 5))):
        part = rest
        if limit is not None:
            part = min(rest, max(limit - recovered, Fraction(0)) / shares[INVESTOR])
        for who, share in shares.items():
            exact[who] += part * share
        recovered += part * shares[INVESTOR]
        rest -= part
    return divided(exact)


def store(month, recovered, carried):
    """The month's distribution, and what the operator still lacks."""
    profit = max(fact("门店利润", month), Fraction(0))
    year, quarter = quarter_of(month).split("-Q")
    before = f"{year}-Q{int(quarter) - 1}" if quarter != "1" else f"{int(year) - 1}-Q4"
    risk = number(QUARTERLY[before]["营收波动系数"]) + max((50 - fact("行业景气指数", month)) / 100, Fraction(0))
    names = ("客单价达成率", "复购率达成率", "客流达成率", "转化达成率", "满意度达成率")
    attained = sum(fact(name, month) for name in names) / 5
    up = max((attained - 1) // Fraction(1, 10), 0) * Fraction(2, 100)
    base = ladder(profit) if month >= "2026-07" else payback(profit, recovered)
    due = min(base[OPERATOR] + profit * up, profit * 6 / 10)
    if risk > Fraction(20, 100):
        first = min(profit, PRIORITY)
        second = min(profit - first, SECOND + carried)
        rest = (profit - first - second) / 2
        shares = divided({INVESTOR: first + rest, OPERATOR: second + rest})
        carried = SECOND + carried - second
    else:
        shares = divided({OPERATOR: min(profit, due), INVESTOR: profit - min(profit, due)})
    return shares, carried, {"风险值": risk, "综合达成率": attained}


# ---- debts


class Debt:
    def __init__(self, id, debtor, creditor, amount, arises, due, **how):
        self.id, self.debtor, self.creditor = id, debtor, creditor
        self.amount, self.arises, self.due = amount, arises, due
        self.grace, self.kind = how.get("grace"), how.get("kind")  # forgiving | delaying | bare | None: no interest
        self.grade, self.serious_after = how.get("grade"), how.get("serious_after")
        self.penalty, self.stands_still = how.get("penalty", False), how.get("stands_still", False)
        self.paid = self.exact = self.booked = self.interest_paid = Fraction(0)
        self.settled_on = self.default_since = self.graded_on = None
        self.discharged = amount <= 0
        self.default_days = 0

    @property
    def open(self):
        return Fraction(0) if self.discharged else self.amount - self.paid

    @property
    def interest_open(self):
        return self.booked - self.interest_paid

    @property
    def owed(self):
        return self.settled_on is None and not self.discharged

    @property
    def bears(self):
        return self.kind is not None

    def status(self, d):
        if self.discharged:
            return "discharged"
        if self.settled_on:
            return "performed late" if self.settled_on > (self.grace or self.due) else "performed"
        if self.stands_still and dormant(d) and dormant(self.due) and d >= self.due:
            return "suspended"
        if d < self.due:
            return "not yet due"
        if self.default_since:
            return "breached"
        if self.paid:
            return "partly performed"
        return "due" if d == self.due else "in grace"


MOVES = ("accrued", "interest", "penalties", "paid", "refunded")


class Books:
    """What one party owes another: the month's movements, and the payer's credit."""

    def __init__(self):
        self.opening = self.credit = Fraction(0)
        self.clear()

    def clear(self):
        for name in MOVES:
            setattr(self, name, Fraction(0))

    @property
    def closing(self):
        return self.opening + self.accrued + self.interest + self.penalties + self.refunded - self.paid


debts, books, changed, credit_used = [], {}, set(), []


def book(debtor, creditor):
    return books.setdefault((debtor, creditor), Books())


def add(id, debtor, creditor, amount, arises, due, **how):
    x = Debt(id, debtor, creditor, amount, arises, due, **how)
    debts.append(x)
    b = book(debtor, creditor)
    if x.penalty:
        b.penalties += amount
    else:
        b.accrued += amount
    changed.add(id)
    return x


def mine(pair):
    return [x for x in debts if (x.debtor, x.creditor) == pair and x.owed]


def book_interest(pair):
    for x in mine(pair):
        new = cents(x.exact) - x.booked
        if new:
            x.booked += new
            book(*pair).interest += new
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
    if x.open == 0 and x.interest_open == 0:
        x.settled_on = d
    return amount


def spread(pool, pair, d):
    """An unnamed sum over what is due. Gives what is left."""
    due = [x for x in mine(pair) if x.due <= d]
    for order in sorted({(not x.bears, x.due) for x in due}):
        group = [x for x in due if (not x.bears, x.due) == order]
        claims = {i: x.open + x.interest_open for i, x in enumerate(group)}
        total = sum(claims.values())
        if not pool:
            break
        shares = claims if pool >= total else divided({i: pool * c / total for i, c in claims.items()})
        for i, x in enumerate(group):
            put(x, shares[i], d)
        pool -= sum(shares.values())
    return pool


def pay(pair, payments, d):
    book_interest(pair)
    pool = Fraction(0)
    for p in sorted(payments, key=lambda p: (not p["用途"], p["编号"])):
        amount = number(p["金额"])
        book(*pair).paid += amount
        for x in sorted(mine(pair), key=lambda x: x.due):
            name = x.id.split("@")[0]
            if p["用途"] in (x.id, name, name.removesuffix(".penalty")):
                amount = put(x, amount, d)
        pool += amount
    book(*pair).credit += spread(pool, pair, d)


def use_credit(pair, d):
    b = book(*pair)
    if b.credit and any(x.due <= d for x in mine(pair)):
        book_interest(pair)
        b.credit = spread(b.credit, pair, d)


# ---- disputes: three levels of seven working days, each opened by the end of the one before


def ladder_of(x):
    """The levels' last days, and the day on which all are exhausted (None if it was settled)."""
    opened, ends = day(x["提出日"]), []
    for level in ("门店经理方案日", "区域总监方案日", "总部委员会方案日"):
        last = after_working_days(opened, 7)
        answered = day(x[level])
        ends.append(last)
        opened = answered if answered and answered <= last else last
        settled = day(x["和解日"])
        if settled and settled <= opened:
            return ends, None
    return ends, opened


LADDERS = {x["争议号"]: ladder_of(x) for x in DISPUTES}
ARBITRABLE = {id: over for id, (_, over) in LADDERS.items() if over}

# ---- weeks: red after two in a row that fell by more than 5%


def red_weeks():
    """The Sundays on which the level turns red."""
    names, was = sorted(WEEKS), False
    for before, now in itertools.pairwise(names):
        red = WEEKS[before] < Fraction(-5, 100) and WEEKS[now] < Fraction(-5, 100)
        if red and not was:
            yield date.fromisocalendar(int(now[:4]), int(now[6:]), 7)
        was = red


# ---- the year, day by day

end = date(2027, 2, 28)  # 31 December 2026 and the two months of dormancy
recovered, carried, reserve = RECOVERED, Fraction(0), Fraction(0)
operators = {}  # the operator's dividends, by month
rights, breaches, events, months, duties = {}, {}, [], {}, {}
ended = False
settlement = None
adjusted = False  # 5:5 since a month before this one
excluded = []


def breach(id, by, since, ended_on=None, grade=None, graded_on=None):
    breaches[id] = {"by": by, "since": since, "ended_on": ended_on, "grade": grade, "graded_on": graded_on}


def acts(id, due, done_on, by, grade="minor"):
    """A duty due on a day: performed, performed late (with its breach), or breached."""
    if due > AS_OF:
        duties[id] = {"due": due, "status": "performed" if done_on else "not yet due"}
        return
    if done_on is None or done_on > due:
        breach(id, by, due + DAY, done_on, grade, due + DAY)
    status = "breached" if done_on is None else "performed" if done_on <= due else "performed late"
    duties[id] = {"due": due, "status": status}


def new_right(opened, lapses):
    return {"opened": opened, "last_day": lapses, "status": "open", "exercised_on": None}


def growth(name, quarter):
    year, n = quarter.split("-Q")
    before = f"{year}-Q{int(n) - 1}" if n != "1" else f"{int(year) - 1}-Q4"
    now, then = number(QUARTERLY[quarter][name]), number(QUARTERLY[before][name])
    return (now - then) / then


def close_values(month, last):
    """The month's values, lines and balances; `last` is the contract's last day in it."""
    global recovered, carried, adjusted
    first = date.fromisoformat(month + "-01")
    whole = last == month_end(first)
    values, kpis = {}, {}
    day_10, day_15 = next_month(first, 10), next_month(first, 15)
    commission = {"grace": shifted(day_10 + 5 * DAY), "kind": "forgiving"}

    half = Fraction(1, 2)
    joint = split(
        fact("联名产品利润", month),
        {BRAND: half, OPERATOR: half} if adjusted else {BRAND: Fraction(6, 10), OPERATOR: Fraction(4, 10)},
    )
    adjusted = adjusted or fact("联名产品市占率", month) > Fraction(15, 100)
    add(f"支付联名分成@{month}", BRAND, OPERATOR, max(joint[OPERATOR], Fraction(0)), last, day_10, **commission)

    sales = fact("渠道销售额", month)
    exact = min(sales, 1_000_000) * Fraction(5, 100) + max(sales - 1_000_000, 0) * Fraction(8, 100)
    add(f"支付渠道分成@{month}", BRAND, OPERATOR, cents(exact), last, day_10, **commission)
    if fact("CPM", month) < 35:
        add(f"追加预算@{month}", BRAND, OPERATOR, Fraction(20_000), last, day_10, **commission)

    scores = {who: fact(f"{who}贡献度", month) for who in (BRAND, OPERATOR, INVESTOR)}
    total = sum(scores.values())
    patents = split(fact("衍生技术收益", month), {who: score / total for who, score in scores.items()})
    for who in (OPERATOR, INVESTOR):
        add(f"支付{who}衍生收益@{month}", BRAND, who, patents[who], last, day_15, grade="minor")

    given = [s for s in SALES if s["成交日"][:7] == month and day(s["成交日"]) <= last]
    donation = sum((number(s["成交额"]) for s in given), Fraction(0)) / 100
    add(f"公益捐赠@{month}", BRAND, CHARITY, cents(donation), last, next_month(first, 31), grade="minor")

    lacking = carried
    shares, carried, _seen = store(month, recovered, carried)
    operators[month] = shares[OPERATOR]
    opening_recovered = recovered
    recovered += shares[INVESTOR]
    asleep = [d for d in (first + i * DAY for i in range(month_end(first).day)) if dormant(d)]
    if len(asleep) < month_end(first).day:
        how = {"grace": shifted(day_10 + 5 * DAY), "kind": "delaying", "grade": "serious", "serious_after": 30}
        add(f"支付门店分红@{month}", OPERATOR, INVESTOR, shares[INVESTOR], last, day_10, **how, stands_still=True)
    if asleep:
        normal = sum(operators[m] for m in ("2026-02", "2026-03", "2026-04")) / 3
        fee = normal * Fraction(30, 100) * len(asleep) / month_end(first).day
        add(f"支付基础管理费@{month}", INVESTOR, OPERATOR, cents(fee), asleep[-1], day_10, grade="minor")

    if last == end or int(month[5:]) % 3 == 0:
        quarter = quarter_of(month)
        q = {k: number(v) for k, v in QUARTERLY[quarter].items() if k != "季度"}
        total = sum(q[f"{who}评分"] for who in SHARE_OF)
        dividends = split(
            q["项目收益"],
            {w: s * (1 - SCORES_WEIGH) + q[f"{w}评分"] / total * SCORES_WEIGH for w, s in SHARE_OF.items()},
        )
        quarter_end = date(2026, 3 * int(quarter[-1]), 1)
        for who in (OPERATOR, INVESTOR):
            due = next_month(quarter_end, 20)
            add(f"支付{who}项目分红@{quarter}", BRAND, who, dividends[who], last, due, grade="minor")
        if whole:
            kpis["知名度提升"] = "met" if growth("品牌提及量", quarter) >= Fraction(15, 100) else "missed"

    cost = fact("合作投入", month) + exact + joint[OPERATOR] + fact("营销费用", month)
    health = (fact("认知度", month) * 40 + fact("美誉度", month) * 30 + fact("忠诚度", month) * 30) / 100
    kpis["回报达标"] = ("met" if sales / cost >= 3 else "missed") if whole else "not assessed"
    kpis["健康度达标"] = ("met" if health >= 70 else "missed") if whole else "not assessed"
    if fact("在售SKU数", month) > 5:
        breach(f"SKU超限@{month}", OPERATOR, last, None, "minor", last)
    values["综合成本"] = money(cost)
    values["本月捐赠额"] = money(donation)
    balances = {
        "累计回收": {"opening": money(opening_recovered), "closing": money(recovered)},
        "经营方待补额": {"opening": money(lacking), "closing": money(carried)},
    }
    return values, kpis, balances


def deviation(month):
    """Reported against verified over three months, measured on what was verified."""
    at = sorted(MONTHLY).index(month)
    three = sorted(MONTHLY)[at - 2 : at + 1]
    reported = sum(fact("申报营收", m) for m in three)
    verified = sum(fact("核实营收", m) for m in three)
    return abs(reported - verified) / verified


was_deviating = False
values, kpis, balances = {}, {}, {}
reserve_opening = Fraction(0)
d = START
while d <= AS_OF:
    month = d.isoformat()[:7]
    # 1. what holds from this morning
    if d == START:
        add("品牌方注资@once", BRAND, RESERVE, Fraction(60_000), d, shifted(date(2026, 1, 31)), grade="minor")
        add("经营方注资@once", OPERATOR, RESERVE, Fraction(90_000), d, shifted(date(2026, 1, 31)), grade="minor")
    for x in debts:
        still = x.stands_still and dormant(d)
        if x.owed and x.stands_still and dormant(d - DAY) and not still and dormant(x.due):
            x.due = shifted(x.due.replace(month=x.due.month + 2))  # by the two months of the dormancy
            x.grace = shifted(x.due + 5 * DAY)
            changed.add(x.id)
        deadline = x.grace or x.due
        asleep = x.stands_still and (dormant(x.due) or dormant(deadline))
        if x.owed and x.default_since is None and deadline < d and not asleep:
            x.default_since = deadline + DAY
            changed.add(x.id)
            if x.grade == "minor":
                x.graded_on = d
        if x.owed and x.default_since and not still:
            x.default_days += 1
            if x.serious_after and x.default_days == x.serious_after + 1:
                x.graded_on = d
                changed.add(x.id)
    for a in AUDITS:
        if day(a["出具日"]) == d and d <= end:
            due, fee = shifted(d + 30 * DAY), number(a["审计费"])
            thirds = split(fee, dict.fromkeys((BRAND, OPERATOR, INVESTOR), Fraction(1, 3)))
            for who in (BRAND, OPERATOR, INVESTOR):
                share = thirds[who] if a["过错方"] == "无" else fee if a["过错方"] == who else Fraction(0)
                add(f"{who}承担审计费@{a['审计号']}", who, AUDITOR, share, d, due, grade="minor")
    for a in AWARDS:
        if day(a["裁决日"]) == d:
            due = shifted(d + 30 * DAY)
            add(f"履行仲裁裁决@{a['裁决号']}", OPERATOR, INVESTOR, number(a["裁决金额"]), d, due, grade="minor")
    for y in DRAWS:
        if day(y["动用日"]) == d:
            agreed = [day(y[f"{who}同意日"]) for who in (BRAND, OPERATOR)]
            if any(on is None or on > d for on in agreed):
                breach(f"未经批准动用@{y['动用号']}", OPERATOR, d, None, "minor", d)
            if y["用途"] == "其他":
                breach(f"挪用储备金@{y['动用号']}", OPERATOR, d, None, "serious", d)
                due = after_working_days(d, 10)
                add(f"补足储备金@{y['动用号']}", OPERATOR, RESERVE, number(y["动用额"]), d, due)
    for x in LEAKS:
        if day(x["发生日"]) == d:
            breach(f"泄露核心机密@{x['事件号']}", MAKER, d, None, "fundamental", d)
        if day(x["索赔到达日"]) == d:
            amount = number(YEARLY["2025"]["代工方营收"]) * 20 / 100
            due = shifted(d + 30 * DAY)
            add(f"泄露核心机密.penalty@{x['事件号']}", MAKER, BRAND, amount, d, due, penalty=True)
    for s in SUITS:
        if day(s["起诉日"]) == d and d <= end:
            breach(f"提起诉讼@{s['起诉号']}", OPERATOR, d, None, "minor", d)
    # 2. interest of the day
    for x in debts:
        if x.owed and x.bears and d > x.due and not (x.stands_still and dormant(d)):
            if x.kind == "bare":
                x.exact += x.open * RATE
            elif x.kind == "forgiving":
                x.exact += x.open * RATE if d > x.grace else 0
            elif x.default_since and d > x.default_since:
                x.exact += x.open * RATE
            elif x.default_since == d:  # grace is over: its days are charged now
                x.exact += x.open * RATE * (d - x.due).days
            x.exact = min(x.exact, x.amount / 10)  # its cap
    # 3. payments, notices, credit
    for p in PAYMENTS:
        if day(p["到账日"]) == d and p["类型"] == "付款" and p["收款人"] == RESERVE:
            reserve += number(p["金额"])
    reserve -= sum((number(y["动用额"]) for y in DRAWS if day(y["动用日"]) == d), Fraction(0))
    today = [p for p in PAYMENTS if day(p["到账日"]) == d]
    for pair_ in dict.fromkeys((p["付款人"], p["收款人"]) for p in today if p["类型"] == "付款"):
        pay(pair_, [p for p in today if (p["付款人"], p["收款人"]) == pair_ and p["类型"] == "付款"], d)
    for p in today:
        if p["类型"] == "退款":
            b = book(p["收款人"], p["付款人"])
            b.refunded += number(p["金额"])
            b.credit -= number(p["金额"])
    for r in MONTHLY.values():
        if day(r["投资方退出通知.到达"]) == d:
            rights["业绩退出"].update(status="exercised", exercised_on=d)
            end = d + 30 * DAY
    for x in DISPUTES:
        if day(x["仲裁申请日"]) == d:
            rights[f"申请仲裁@{x['争议号']}"].update(status="exercised", exercised_on=d)
            acts(f"参加仲裁@{d}", next_month(d, 31), day(MONTHLY[month]["仲裁应诉日"]), OPERATOR)
    for k in REVIEWS:
        if day(k["汰换通知日"]) == d:
            right = rights.get(f"末位淘汰@{k['考核号']}")
            if right and right["status"] == "open":
                right.update(status="exercised", exercised_on=d)
                acts(f"更换末位服务商@{d}", next_month(d, 31), day(MONTHLY[month]["汰换完成日"]), OPERATOR)
            else:
                kind = "too late" if right else "no right"
                events.append({"date": d, "kind": kind, "subject": f"末位淘汰@{k['考核号']}"})
    for pair_ in list(books):
        use_credit(pair_, d)
    # 4. end of day
    for id, over in ARBITRABLE.items():
        if over == d:
            rights[f"申请仲裁@{id}"] = new_right(d, shifted(d + 60 * DAY))
    for k in REVIEWS:
        if day(k["考核日"]) == d:
            lowest = min(number(o["得分"]) for o in REVIEWS if o["考核日"][:7] == month)
            if number(k["得分"]) <= lowest:
                rights[f"末位淘汰@{k['考核号']}"] = new_right(d, shifted(d + 30 * DAY))
    if any(x.owed and x.serious_after and x.graded_on == d for x in debts) and not ended:
        rights["投资方重大违约解除"] = new_right(d, shifted(d + 90 * DAY))
    if "挪用储备金@Y-03" in breaches and "品牌方重大违约解除" not in rights:
        rights["品牌方重大违约解除"] = new_right(d, shifted(d + 90 * DAY))
    ends_today = not ended and d == end
    if not ended and (ends_today or d == month_end(d)):
        values, kpis, balances = close_values(month, d)
        deviates = deviation(month) > Fraction(15, 100)
        if deviates and not was_deviating:
            done = min((day(a["出具日"]) for a in AUDITS if day(a["出具日"]) >= d), default=None)
            acts(f"引入专项审计@{d}", after_working_days(d, 20), done, OPERATOR, "serious")
        was_deviating = deviates
        quarter = quarter_of(month)
        if month == "2026-09":
            worse = [growth("季度营收", q) < number(QUARTERLY[q]["行业平均增长率"]) for q in ("2026-Q2", quarter)]
            assert all(worse) and growth("季度营收", "2026-Q1") > number(QUARTERLY["2026-Q1"]["行业平均增长率"])
            rights["业绩退出"] = new_right(d, shifted(d + 60 * DAY))
    if ends_today:
        due = shifted(d + 30 * DAY)
        penalty = cents(max(CAPITAL - recovered, Fraction(0)) * 5 / 100)
        add("退出违约金@once", OPERATOR, INVESTOR, penalty, d, due, kind="bare")
        back = split(reserve, {BRAND: Fraction(2, 5), OPERATOR: Fraction(3, 5)})
        add("返还品牌方储备金@once", RESERVE, BRAND, back[BRAND], d, due, grade="minor")
        add("返还经营方储备金@once", RESERVE, OPERATOR, back[OPERATOR], d, due, grade="minor")
    for pair_ in list(books):
        use_credit(pair_, d)
    for right in rights.values():
        if right["status"] == "open" and right["last_day"] and right["last_day"] <= d:
            right["status"] = "lapsed"
    if ends_today:
        ended = True
        for name in ("投资方重大违约解除", "品牌方重大违约解除"):
            if rights[name]["status"] == "open":
                rights[name]["status"] = "lapsed"  # rights to terminate end with the contract
        for pair_ in list(books):
            book_interest(pair_)
        settlement = {
            "as_of": d,
            "items": {x.id: money(x.open) for x in debts if x.owed and x.open},
            "interest": {x.id: money(x.interest_open) for x in debts if x.interest_open},
            "credit": {"→".join(p): money(b.credit) for p, b in books.items() if b.credit},
        }
    if d == month_end(d):
        balances["储备金"] = {"opening": money(reserve_opening), "closing": money(reserve)}
        reserve_opening = reserve
        ledger = {}
        for pair_ in list(books):
            book_interest(pair_)
        for pair_, b in books.items():
            sums = {"not_due": Fraction(0), "due": Fraction(0), "overdue": Fraction(0)}
            for x in mine(pair_):
                where = (
                    "overdue" if x.default_since else "due" if x.due <= d and x.status(d) != "suspended" else "not_due"
                )
                sums[where] += x.open + x.interest_open
            assert b.closing == sum(sums.values()) - b.credit, (month, pair_)
            row = {"opening": money(b.opening)}
            row.update({name: money(getattr(b, name)) for name in MOVES})
            row.update(closing=money(b.closing), credit=money(b.credit))
            row.update({name: money(value) for name, value in sums.items()})
            ledger["→".join(pair_)] = row
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
                breach(x.id, x.debtor, x.default_since, x.settled_on, x.graded_on and x.grade, x.graded_on)
        asleep = dormant(d)
        noticed = rights.get("业绩退出", {}).get("status") == "exercised"
        months[month] = {
            "state": "ended" if ended else "ending" if noticed else "suspended" if asleep else "active",
            "values": values,
            "kpis": kpis,
            "balances": balances,
            "ledger": ledger,
            "lines": lines,
            "rights": {id: dict(right) for id, right in rights.items()},
        }
        values, kpis, balances = {}, {}, {}
        changed.clear()
    d += DAY

# ---- duties that are not money

for c in COSTS:
    if number(c["实际成本"]) / number(c["行业均值"]) - 1 >= Fraction(20, 100) and day(c["发生日"]) <= end:
        due = after_working_days(day(c["发生日"]), 10)
        acts(f"提交削减策略@{c['成本号']}", due, day(c["策略提交日"]), OPERATOR)

friday, used = date(2026, 1, 9), set()
while friday - 13 * DAY <= end:
    due, first = shifted(friday), friday - 13 * DAY
    found = [r["汇报日"] for r in REPORTS if first <= day(r["汇报日"]) <= due and r["汇报日"] not in used]
    used.update(found[:1])
    if due > end:  # the end cut the two weeks short
        duties[f"双周进度汇报@{friday}"] = {"due": due, "status": "discharged"}
    else:
        acts(f"双周进度汇报@{friday}", due, day(found[0]) if found else None, OPERATOR)
    friday += 14 * DAY


def hours(id, opened, length, done, by):
    due = opened + timedelta(hours=length)
    late = max((done or datetime.combine(AS_OF + DAY, datetime.min.time())) - due, timedelta(0))
    status = "breached" if done is None else "performed late" if late else "performed"
    duties[id] = {"due": due.date(), "due_at": due.isoformat(timespec="minutes"), "status": status}
    if late:
        length = Fraction(int(late.total_seconds()), 3600)
        twelfths = f"{(length * 10**12 * 2 + 1) // 2:013}"  # twelve decimals, half up
        duties[id]["hours_late"] = f"{twelfths[:-12]}.{twelfths[-12:]}".rstrip("0").rstrip(".")
        breach(id, by, due.date(), done and done.date(), "minor", due.date())


for x in DEVIATIONS:
    hours(f"迭代响应@{x['偏差号']}", moment(x["发现时刻"]), 48, moment(x["调整时刻"]), OPERATOR)
for z in STORMS:
    hours(f"成立专项小组@{z['舆情号']}", moment(z["发生时刻"]), 1, moment(z["小组成立时刻"]), OPERATOR)
    hours(f"发布声明初稿@{z['舆情号']}", moment(z["发生时刻"]), 24, moment(z["声明初稿时刻"]), OPERATOR)

for sunday in red_weeks():
    done = day(MONTHLY[sunday.isoformat()[:7]]["工作组介入日"])
    acts(f"专项工作组介入@{sunday}", after_working_days(sunday, 2), done, OPERATOR)

statement = {
    "as_of": AS_OF,
    "ended": end,
    "months": months,
    "duties": duties,
    "breaches": dict(sorted(breaches.items(), key=lambda kv: (kv[1]["since"], kv[0]))),
    "events": events,
    "settlement": settlement,
    "flags": {
        f"泄露核心机密.penalty@{x['事件号']}": money(
            number(YEARLY["2025"]["代工方营收"]) * 20 / 100 - Fraction(13, 10) * number(x["已证实损失"])
        )
        for x in LEAKS
        if x["已证实损失"]
    },
    "ladders": {id: {"ends": ends, "exhausted": over} for id, (ends, over) in LADDERS.items()},
    "excluded": [s["销售号"] for s in SALES if day(s["成交日"]) > end],
}

if __name__ == "__main__":
    text = json.dumps(statement, ensure_ascii=False, indent=1, default=lambda x: x.isoformat())
    (HERE / "statement.json").write_text(text + "\n", encoding="utf-8")
    for month, m in months.items():
        print(month, m["state"], m["kpis"], m["balances"])
