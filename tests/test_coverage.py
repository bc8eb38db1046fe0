"""What scenarios reach: stages, suspensions, levels of a dispute, consents."""

from __future__ import annotations

from clausal.engine.coverage import run_covered
from clausal.engine.embedding import from_text

CONTRACT = """contract "Covered" {
  currency CNY
  term from 2026-01-01 to 2026-12-31
  rounding half_up to 0.01
}
party a
party b
fact profit    : money monthly
fact closed_on : date once
fact open_on   : date once
fact opened    : date once
fact plan_on   : date once
fact spends    : list of { no: text, spent_on: date, cost: money, ok_on: date? } dated by spent_on keyed by no
clause "1" "Payback" {
  let dist = stages of profit on got filled by a { up to CNY 100: { a: 100% }  above: { a: 50%, b: 50% } }
  balance got : money { add dist.a }
  obligation pay_out { b must pay a dist.a every month due last day of next month }
}
clause "2" "Closure" { suspension closure { when closed_on and not open_on  suspends pay_out } }
clause "3" "Talks" {
  escalation talks { opens on opened  level "managers" within 7 days answered on plan_on  level "board" within 7 days }
}
clause "4" "Consent" { approval consent { per record of spends where cost > CNY 10  approved by a on ok_on } }
scenario "one month" {
  facts of once { closed_on = 2026-01-20  open_on = none  opened = 2026-01-05  plan_on = none }
  facts of 2026-01 {
    profit = CNY 80
    spends = [ { no: "1", spent_on: 2026-01-10, cost: CNY 50 } ]
  }
  as_of 2026-01-31
  expect dist.a = CNY 80
}
"""


def test_every_kind_of_point_says_what_was_reached() -> None:
    _, coverage = run_covered(from_text(CONTRACT, "covered.contract").model)
    reached = {(p.kind, p.subject, p.outcome): p.reached for p in coverage.points}
    assert reached["stage", "dist", "CNY 100"]
    assert not reached["stage", "dist", "above"]
    assert reached["suspension", "closure", "begins"]
    assert not reached["suspension", "closure", "ends"]
    assert reached["escalation", "talks", "managers"]
    assert reached["escalation", "talks", "board"]
    assert reached["escalation", "talks", "exhausted"]
    assert reached["approval", "consent", "blocked"]
    assert not reached["approval", "consent", "granted"]
    assert all(reached["clause", number, ""] for number in "1234")
