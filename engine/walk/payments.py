"""What is paid: matched to debts, kept as credit, set off, written off, paid back; and what of a debt is disputed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Final, cast

from clausal.dsl import model as m
from clausal.dsl.values import Exact, NotApplicable, Unknown, exact
from clausal.engine import matching
from clausal.engine.exact import Scope
from clausal.engine.facts import Payment
from clausal.engine.instances import (
    DAY,
    ONE,
    Accrual,
    Instance,
    Pair,
    as_day,
)
from clausal.engine.outcome import (
    PaymentRow,
    plain_minor,
)
from clausal.engine.walk.interest import Interest

PER_YEAR: Final = {"day": 365, "month": 12, "year": 1}  # to compare the burden of rates, nothing else


class Payments(Interest):
    def _debts(self, pair: Pair, day: dt.date, due_only: bool) -> list[matching.Debt]:
        debts: list[matching.Debt] = []
        for x in self.live:
            if x.closed and x.interest_open <= 0:
                continue
            if not x.pays or x.amount is None or x.due is None:
                continue
            if (x.debtor, x.creditor, x.currency) != pair or (due_only and (x.due > day or x.suspended(day))):
                continue
            if x.fixed is not None and x.interest_open <= 0:
                continue
            rate: Exact = 0
            if x.interest_link is not None:
                value = self._value(x.interest_link.rate, Scope(self.world, x.period, day, x.record, x))
                if not isinstance(value, (Unknown, NotApplicable)):
                    rate = cast(Exact, value) * PER_YEAR[x.interest_link.per]
            due = day + DAY if x.suspended(day) else x.due  # what stands still can be paid, and asks for nothing
            held = x.held
            secured = x.obligation is not None and x.obligation.secured is not None
            principal = max(x.open, 0) - held
            debts.append(matching.Debt(x.id, due, rate, principal, x.interest_open, x.place, secured, held))
        return debts

    def _pay(self, day: dt.date, payments: list[Payment]) -> None:
        """What was paid today first; then what was set off or written off; what was paid back last."""
        ordered = sorted(payments, key=lambda p: p.ref)
        groups: dict[Pair, list[Payment]] = {}
        for payment in ordered:
            if payment.kind == "payment":
                groups.setdefault((payment.payer, payment.payee, payment.currency), []).append(payment)
        for pair, group in groups.items():
            self._pay_pair(day, pair, group)
        for kind, step in (("set off", self._set_off), ("write off", self._write_off), ("refund", self._refund)):
            for payment in ordered:
                if payment.kind == kind:
                    step(day, payment)

    def _named(self, payment: Payment, debts: Sequence[matching.Debt]) -> list[matching.Debt]:
        word = payment.for_
        if word is None:
            return []
        exact_id = [d for d in debts if d.id == word]
        if exact_id or "@" in word:
            return exact_id
        wanted = [d for d in debts if self.by_id[d.id].name in (word, f"{word}.penalty")]
        if not wanted and word in ("penalty", "违约金"):
            wanted = [d for d in debts if self.by_id[d.id].kind == "penalty"]
        return sorted(wanted, key=lambda d: (d.due, d.place))

    def _pay_pair(self, day: dt.date, pair: Pair, group: list[Payment]) -> None:
        for x in self.live:
            if x.pays and (x.debtor, x.creditor, x.currency) == pair:
                self._charge_and_book(x, day)
        account = self._account_of(pair)
        debts = self._debts(pair, day, due_only=False)
        named = [p for p in group if p.for_ is not None]
        for payment in named:
            if not self._named(payment, debts):
                known = payment.for_ in self.by_id or payment.for_ in self.by_norm
                code = "pays a closed debt" if known else "pays an unknown debt"
                self._event(day, "alert", payment.ref, (("code", code), ("for", payment.for_)))
        done, left = matching.match_named(
            [(matching.Sum(p.ref, p.amount), self._named(p, debts)) for p in named], self.terms.parts
        )
        pool = left + [matching.Sum(p.ref, p.amount) for p in group if p.for_ is None]
        pool.sort(key=lambda s: s.ref)
        due = [d for d in debts if d.due <= day and d.open > 0]
        more, rest = matching.match_pool(pool, due, self.terms.order, self.terms.parts, ONE)
        applications = done + more
        self._apply(day, applications)
        over = {s.ref: s.amount for s in rest}
        for payment in group:
            account.paid += payment.amount
            unapplied = over.get(payment.ref, 0)
            account.credit += unapplied
            applied = tuple((a.to, a.part, a.amount) for a in applications if a.ref == payment.ref)
            self._payment_row(payment, applied, unapplied)

    def _payment_row(self, p: Payment, applied: tuple[tuple[str, str, Exact], ...], unapplied: Exact) -> None:
        late = p.on > self.world.complete.get(p.source, self.as_of)
        self.payment_rows.append(
            PaymentRow(
                p.ref,
                p.on,
                p.reported,
                p.payer,
                p.payee,
                p.currency,
                p.amount,
                p.kind,
                p.for_,
                applied,
                unapplied,
                late,
            )
        )

    def _apply(self, day: dt.date, applications: Sequence[matching.Application]) -> None:
        held = {a.to: self.by_id[a.to].held for a in applications}
        for a in applications:
            x = self.by_id[a.to]
            if a.part == "interest":
                x.interest_paid = exact(x.interest_paid + a.amount)
            else:
                x.paid = exact(x.paid + a.amount)
                if day > x.complete:
                    x.later.append((day, a.amount))
            x.note(day, f"paid {a.part}", a.amount, a.ref)
        for id in dict.fromkeys(a.to for a in applications):
            x = self.by_id[id]
            if held[id] > x.held:
                self._free_held(x, held[id] - x.held, day)  # who pays what was disputed no longer disputes it
            if x.default_since is not None and x.default_until is None and self._only_disputed(x):
                x.default_until = day
            if x.disputed is not None and not x.open and x.obligation is not None and x.obligation.dispute is not None:
                self._resolve(x, x.obligation.dispute, day)
            self._settle_if_paid(x, day)
            if self.header.tolerance is not None and not x.closed:
                self._tolerate(x, day)

    def _settle_if_paid(self, x: Instance, day: dt.date) -> None:
        if x.settled and not x.closed and not x.retained and not x.growing:
            x.performed_on = day
            x.closed = True
            x.note(day, "performed")
            self._end_default(x, day)

    def _tolerate(self, x: Instance, day: dt.date) -> None:
        """A remainder within the agreed tolerance is written off by a line of its own."""
        most = self._value(self.header.tolerance, Scope(self.world, x.period, day))
        left = x.open
        if isinstance(most, (Unknown, NotApplicable)) or x.interest_open:
            return
        if not 0 < left <= self._minor(cast(Exact, most), x.currency):
            return
        x.written_off = (x.written_off or 0) + left
        self._account(x).written_off += left
        x.note(day, "written off", left, "tolerance")
        self._event(day, "discharge", x.id, (("code", "tolerance"), ("amount", plain_minor(left, x.currency))))
        self._settle_if_paid(x, day)

    def _use_credit(self, day: dt.date, evening: bool = False) -> None:
        """Credit pays what is due or overdue. In the evening only what arose and fell due in this day's last step: who
        paid on the deadline is in time, though the debt exists from the end of that day."""
        if self.header.credit != "used when due":
            return
        for pair, account in self.accounts.items():
            if account.credit <= 0:
                continue
            for x in self.live:
                if x.pays and (x.debtor, x.creditor, x.currency) == pair:
                    self._charge_and_book(x, day)
            debts = [d for d in self._debts(pair, day, due_only=True) if d.open > 0]
            if evening:
                debts = [d for d in debts if self.by_id[d.id].created == day]
            if not debts:
                continue
            before = account.credit
            applications, left = matching.match_pool(
                [matching.Sum("credit", before)], debts, self.terms.order, self.terms.parts, ONE
            )
            account.credit = left[0].amount if left else 0
            self._apply(day, applications)
            applied = tuple((a.to, a.part, a.amount) for a in applications)
            self.payment_rows.append(
                PaymentRow(
                    "credit",
                    day,
                    None,
                    pair[0],
                    pair[1],
                    pair[2],
                    before - account.credit,
                    "credit",
                    None,
                    applied,
                    0,
                    False,
                )
            )

    def _refund(self, day: dt.date, payment: Payment) -> None:
        """Money back to whoever has credit: from the payee of the earlier payments to their payer."""
        account = self._account_of((payment.payee, payment.payer, payment.currency))
        back = min(max(account.credit, 0), payment.amount)
        account.refunded += back
        account.credit -= back
        over = exact(payment.amount - back)
        if over:
            # Paid back without a cause: the payer's own credit with the payee.
            self._event(day, "alert", payment.ref, (("code", "refund over credit"),))
            other = self._account_of((payment.payer, payment.payee, payment.currency))
            other.paid += over
            other.credit += over
        self._payment_row(payment, (), over)

    def _write_off(self, day: dt.date, payment: Payment) -> None:
        pair = (payment.payer, payment.payee, payment.currency)
        for x in self.live:
            if x.pays and (x.debtor, x.creditor, x.currency) == pair:
                self._charge_and_book(x, day)  # today still bears interest on what is written off
        debts = matching.in_order(self._debts(pair, day, due_only=payment.for_ is None), self.terms.order)
        if payment.for_ is not None:
            debts = self._named(payment, debts)
        left: Exact = payment.amount
        applied: list[tuple[str, str, Exact]] = []
        for debt in debts:
            x = self.by_id[debt.id]
            amount = min(left, x.open)
            if amount <= 0:
                continue
            x.written_off = (x.written_off or 0) + amount
            self._account_of(pair).written_off += amount
            left = left - amount
            applied.append((x.id, "principal", amount))
            x.note(day, "written off", amount, payment.ref)
            if x.open == 0:
                if not x.paid:
                    x.fixed = "waived"
                x.closed = True
                self._end_default(x, day)
        self._payment_row(payment, tuple(applied), 0)

    def _set_off(self, day: dt.date, payment: Payment) -> None:
        """A set-off reduces two gross debts by the same amount; credit that the payer has with the payee goes first."""
        pair = (payment.payer, payment.payee, payment.currency)
        back = (payment.payee, payment.payer, payment.currency)
        for x in self.live:
            if x.pays and (x.debtor, x.creditor, x.currency) in (pair, back):
                self._charge_and_book(x, day)
        account = self._account_of(pair)
        mine = self._debts(pair, day, due_only=payment.for_ is None)
        if payment.for_ is not None:
            mine = self._named(payment, mine)
        theirs = self._debts(back, day, due_only=True)
        from_credit = min(account.credit, payment.amount)
        owed_back = sum(d.open for d in theirs)
        can = min(payment.amount, from_credit + owed_back, sum(d.open for d in mine))
        if can < payment.amount:
            self._event(day, "alert", payment.ref, (("code", "set-off over the debts"),))
        if can <= 0:
            self._payment_row(payment, (), 0)
            return
        if payment.for_ is None:
            done, _ = matching.match_pool(
                [matching.Sum(payment.ref, can)], mine, self.terms.order, self.terms.parts, ONE
            )
        else:
            done, _ = matching.match_named([(matching.Sum(payment.ref, can), mine)], self.terms.parts)
        self._apply(day, done)
        used = min(from_credit, can)
        account.credit -= used
        netted = can - used
        if netted > 0:
            account.paid += netted
            other, _ = matching.match_pool(
                [matching.Sum(payment.ref, netted)], theirs, self.terms.order, self.terms.parts, ONE
            )
            self._account_of(back).paid += netted
            self._apply(day, other)
            done = done + other
        self._payment_row(payment, tuple((a.to, a.part, a.amount) for a in done), 0)

    def _watch_dispute(self, x: Instance, dispute: m.Dispute, day: dt.date) -> None:
        on = self._value(dispute.start, Scope(self.world, x.period, None, x.record, x))
        if isinstance(on, Unknown):
            x.dispute_needs = on.needs
        elif isinstance(on, dt.date):
            self._from(as_day(on), day, self._dispute, x, dispute)

    def _from(self, on: dt.date, day: dt.date, task: Callable[..., object], *what: object) -> None:
        """With the notices of that day; what is dated before there is anything to act on acts at once."""
        if on > day:
            self._plan(self._notices, on, task, *what)
        else:
            task(*what, day)

    def _dispute(self, x: Instance, dispute: m.Dispute, day: dt.date) -> None:
        """From today part of the debt is disputed: what is left of it stands still, the rest is payable as it was."""
        if x.closed or x.fixed is not None or x.amount is None:
            return
        scope = Scope(self.world, x.period, day, x.record, x)
        value = self._value(dispute.amount, scope)
        if isinstance(value, Unknown):
            x.doubt = value.needs
            self._missing(x.id, value.needs)
            return
        if isinstance(value, NotApplicable):
            return
        self._charge_and_book(x, day)
        x.disputed = self._round(self._minor(cast(Exact, value), x.currency), x.currency)
        held = x.held
        if held <= 0:
            x.disputed = None
            return
        x.note(day, "disputed", held)
        self._event(day, "dispute", x.id, (("status", "disputed"), ("amount", plain_minor(held, x.currency))))
        if x.default_since is not None and x.default_until is None and self._only_disputed(x):
            x.default_until = day
        end = self._value(dispute.end, scope)
        if isinstance(end, Unknown):
            x.doubt = end.needs
            self._missing(x.id, end.needs)
        elif isinstance(end, dt.date):
            self._from(as_day(end), day, self._resolve, x, dispute)

    def _resolve(self, x: Instance, dispute: m.Dispute, day: dt.date) -> None:
        """What is still open of it is payable again: in default from tomorrow, with the interest of the time between."""
        if x.disputed is None or x.closed:
            return
        self._charge_and_book(x, day)
        held = x.held
        self._free_held(x, held, day)
        x.disputed = None
        x.held_back = []
        x.note(day, "resolved", held)
        self._event(day, "dispute", x.id, (("status", "resolved"), ("amount", plain_minor(held, x.currency))))
        if x.default_since is None or x.default_until is not None:  # else the rest is late, and stays so
            x.default_since = x.default_until = None
            x.resolved_on = day
        deadline = cast(dt.date, x.deadline) if x.due is not None else day
        for link in x.links:
            self._queue(deadline + dt.timedelta(days=link.day))
        self._queue(deadline + DAY)
        self._settle_if_paid(x, day)

    def _free_held(self, x: Instance, part: Exact, day: dt.date) -> None:
        """The interest that was held back on that part of what is disputed is booked, unless the contract waives it."""
        link, dispute = x.interest_link, x.obligation.dispute if x.obligation is not None else None
        if link is None or dispute is None or not dispute.interest:
            return
        total: Exact = x.interest
        for kept in x.held_back:
            principal = min(part, kept.principal)
            if not principal:
                continue
            kept.principal = exact(kept.principal - principal)
            amount = principal * kept.rate * kept.time
            total = total + amount
            x.accruals.append(Accrual(kept.first, kept.last, principal, kept.rate, amount))
            if x.slice_from is None:
                x.slice_from, x.slice_days = kept.first, 0
            if x.slice_to is None or kept.last > x.slice_to:
                x.slice_days += (kept.last - max(kept.first - DAY, x.slice_to or kept.first - DAY)).days
                x.slice_to = kept.last
            x.slice_from = min(x.slice_from, kept.first)
            if not x.slice_rates or x.slice_rates[-1] != kept.rate:
                x.slice_rates.append(kept.rate)
        x.interest = self._capped_interest(x, link, exact(total))
        self._book(x, day)

    def _only_disputed(self, x: Instance) -> bool:
        """Whether nothing of it can be claimed while the dispute lasts."""
        return x.held > 0 and x.open == x.held and x.interest_open <= 0

    def _dispute_unknown(self, x: Instance) -> bool:
        if not x.dispute_needs:
            return False
        x.doubt = x.dispute_needs
        x.stayed = True
        self._missing(x.id, x.dispute_needs)
        return True
