"""A contract that asks for a fact of every type and every grain, for the tests of what is made from the model."""

from __future__ import annotations

from functools import cache

import clausal

TEXT = """
contract "Every fact" {
  currency CNY, USD
  term from 2026-01-15 to 2026-03-31
  rounding half_up to 0.01
  zone "Asia/Shanghai"
}
party client   "Brand Foods Co., Ltd."
party operator "Netsell Technology Co., Ltd."

fact sales     : money monthly source "ERP" note "Without tax."
fact abroad    : money USD monthly
fact dealers   : count "dealers" monthly
fact idle      : boolean monthly presume false
fact strike    : boolean monthly
fact share     : percent monthly
fact step      : percentage points monthly
fact late_rate : rate per day monthly
fact grade     : one of { "A", "B+" } monthly judged by operator
fact remark    : text monthly
fact refusal   : date monthly
fact warning   : notice monthly
fact score     : number quarterly
fact visits    : number weekly
fact rain      : number daily
fact audited   : money yearly
fact opened_on : date once
fact letter    : notice once
fact incident  : moment once
fact patience  : duration once
fact winner    : party once

fact orders : list of { no: text, ordered_on: date, amount: money, area: text?, back_on: date?, sound: boolean }
              dated by ordered_on keyed by no
fact breaks   : intervals
fact receipts : payments

let commission = 10% of sales
clause "1" "Fee" {
  obligation pay_fee {
    client must pay operator commission every month due day 10 of next month performed by receipts
  }
  right refuse { client may withhold pay_fee when dealers < 5 exercised on refusal lapses after 15 days }
}
clause "2" "Orders" {
  let ordered = sum of amount for each orders where sound
  let doubled = commission + commission
}
"""


@cache
def contract() -> clausal.Contract:
    return clausal.load(TEXT)
