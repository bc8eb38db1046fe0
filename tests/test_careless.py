"""What a careless author writes, in both keyword sets: one finding, in its place, that says what to write instead."""

# ruff: noqa: E501  (what is written stays on its line)

from __future__ import annotations

import pytest

import clausal
from clausal.dsl.diagnostics import draw, sentence

EN = """contract "t" {
  currency CNY, USD  term from 2026-01-01 to 2026-12-31  rounding half_up to 0.01  calendar CN  deadlines next business day
}
party client
party operator
fact profit : money monthly
fact dealers : count "dealers" monthly
fact rank : number monthly
fact fm : boolean monthly presume false
fact noticed : date monthly
fact orders : list of { no: text, on_day: date, price: money, ok: date? } dated by on_day keyed by no
fact receipts : payments
balance paid_back : money { opening CNY 10 }
obligation fee { client must pay operator CNY 8_000 every month due day 10 of next month }
"""
ZH = """合同 "t" {
  币种 CNY, USD  合同期限 自 2026-01-01 至 2026-12-31  舍入 四舍五入 精确到 0.01  工作日历 中国  期限规则 遇休假日顺延
}
当事人 甲方
当事人 乙方
数据 利润 : 金额 按月
数据 不可抗力 : 是否 按月 推定 否
数据 通知日 : 日期 按月
数据 订单 : 清单 { 订单号: 文本, 下单日: 日期, 价格: 金额, 同意日: 日期? } 日期列 下单日 编号列 订单号
数据 回款 : 付款记录
台账 回收 : 金额 { 期初 10元 }
义务 月费 { 甲方 应当 支付给 乙方 8_000元 每月 到期日 次月第10日 }
"""
FEE = "obligation o { client must pay operator profit every month due day 5 of next month %s }"
ZH_FEE = "义务 o { 甲方 应当 支付给 乙方 利润 每月 到期日 次月第5日 %s }"

# What is written, the code, the words under the mark, and what the finding must tell.
CARELESS = [
    ("let d = split profit { client: -60%, operator: 160% }", "E425", "-60%", "zero or more"),
    ("let d = split profit { client: 60, operator: 40 }", "E406", None, "`60%` and not `60`"),
    ("let d = split profit { client: 60%, operator: rest } overlay", "E426", None, "delete `overlay`"),
    ("let d = split profit { client: 60%, operator: remainder }", "E201", "remainder", "`rest`"),
    ("let d = tiers marginal per month on dealers { up to 5: { client: 1, operator: 0 } above: { client: 0, operator: 1 } }", "E301", "dealers", "money"),
    ("let d = tiers marginal per month on profit { up to CNY 5: { client: 1, operator: 0 } above: 5% }", "E115", None, "who gets which share"),
    ("let d = stages of profit on paid_back filled by client { up to CNY 5: 70% above: { client: 1, operator: 0 } }", "E115", None, "who gets which share"),
    ("let w = waterfall profit { client up to -CNY 10 }", "E425", "-CNY 10", "zero or more"),
    ("balance b : money { opening TBD }", "E428", "TBD", "parameter"),
    ("balance b : money { add price for each orders }", "E101", "for each", "for every"),
    ("suspension s { when fm suspends fee, fee }", "E114", "fee", "twice"),
    ("kpi k monthly { met when rank > 1 level red when rank < 1 level red when rank < 0 }", "E114", "red", "twice"),
    ("kpi k monthly { measure profit target 5 }", "E301", "5", "CNY"),
    ("escalation e { opens on noticed level \"a\" within 99999999 days }", "E427", "99999999 days", "at most"),
    ("approval a { per record of orders approved by client on ok quorum 2 }", "E462", None, "names 1"),
    (FEE % "disputed CNY 5 from noticed", "E101", "disputed", "an item of `obligation o`"),
    (FEE % "disputed amount -CNY 5 from noticed", "E425", "-CNY 5", "zero or more"),
    (FEE % 'secured "the house"', "E101", "secured", "an item of `obligation o`"),
    (FEE % "tax 6%", "E101", "tax", "an item of `obligation o`"),
    (FEE % "cap per month -CNY 5", "E425", "-CNY 5", "the cap"),
    (FEE % "minimum commitment per quarter -CNY 5", "E425", "-CNY 5", "the minimum commitment"),
    (FEE % "earnest of CNY 0", "E425", "CNY 0", "more than zero"),
    (FEE % "failing which { interest 0.05% a day }", "E112", "a day", "`per day`"),
    (FEE % "failing which { interest 0.05 per day }", "E101", "per day", "`0.05% per day`"),
    (FEE % "failing which { interest -0.05% per day }", "E425", "-0.05% per day", "late interest"),
    (FEE % "failing which { interest 0.05% daily }", "E301", "0.05%", "for which time"),
    ('amendment "a" effective 2026-07-01 { clause "9" { text "x" } }', "E209", None, "`9`"),
    ('parameter d : number = 1.5 obligation o { client must do "x" every d months performed when fm }', "E127", "d", "whole number"),
    ('parameter d : duration = TBD obligation o { client must do "x" every d performed when fm }', "E122", None, "every N months"),
    ('exception to fee when fm { instead obligation o { client must pay operator CNY 5 every month due day 5 } }', "E116", "every month", "a duty without a time"),
    ('fact at : moment once obligation o { operator must do "x" once on 2026-02-01 due within 48 hours after at, next business day performed on at }', "E116", None, "a shift to a business day"),
    ("定义 x = 加权值(70，40%，80)", "E206", None, "“加权值”的参数应为"),
    ("定义 d = 分配 利润 { 甲方: 六成, 乙方: 40% }", "E201", "六成", "60%"),
    ("定义 d = 分配 利润 { 甲方: 60%, 乙方: 其余 }", "E201", "其余", "余下部分"),
    ("定义 w = 顺位分配 利润 { 甲方 不超过 10元 其余 { 甲方: 50%, 乙方: 50% } }", "E112", "其余", "余下部分"),
    ("定义 d = 阶梯 超额累进 按月 于 利润 { 不超过 5元: 1% 超过: 2% }", "E101", "按月", "按月累计"),
    ("台账 b : 金额 { 增加 价格 每笔 订单 }", "E101", "每笔", "按每笔"),
    ("台账 b : 金额 { 扣减 利润 }", "E101", "扣减", "减少"),
    ("中止 s { 当 不可抗力 中止 月费 }", "E101", "中止", "中止对象"),
    ("中止 s { 当 不可抗力 中止对象 月费 期限顺延 }", "E101", "期限顺延", "一项"),
    ("暂停 s { 当 不可抗力 中止对象 月费 }", "E112", "暂停", "中止"),
    ("权利 r { 甲方 有权 中止 月费 当 不可抗力 行使日 通知日 行使期限 5日内 }", "E101", "中止", "暂停履行"),
    ("例外于 月费 当 不可抗力 { 免责 金额 = 5元 }", "E116", "5元", "不得出现“金额”，应为“免责”"),
    ('逐级处理 e { 启动日 通知日 级别 "经理" 限期 七日 }', "E201", "七日", "7日"),
    ("审批 a { 每笔 订单 批准人 甲方 于 同意日 }", "E112", "批准人", "审批人"),
    ('补充协议 "一" 生效日 2026-07-01 { }', "E112", "补充协议", "变更"),
    (ZH_FEE % "争议 5元 自 通知日", "E101", "争议", "争议金额"),
    (ZH_FEE % '担保 "抵押"', "E101", "担保", "担保方式"),
    (ZH_FEE % "含税 6%", "E112", "含税", "含增值税"),
    (ZH_FEE % "不含税 6%", "E112", "不含税", "另计增值税"),
    (ZH_FEE % "保底 按季累计 5元", "E101", "保底", "保底金额"),
    (ZH_FEE % "定金 20元", "E101", "定金", "定金对应标的额"),
    (ZH_FEE % "违约责任 { 逾期利息 每日万分之五 }", "E201", "每日万分之五", "万分之五/日"),
    (ZH_FEE % "违约责任 { 逾期利息 0.05%每日 }", "E210", "每日", "/日"),
    ("定义 x = 计数 订单 期间为 最近五日", "E103", "最近五日", "最近5日"),
    (FEE.replace("every month", "monthly") % "", "E101", "monthly", "did you mean `every month`"),
    (ZH_FEE.replace("每月", "按月") % "", "E101", "按月", "是否指“每月”"),
    (ZH_FEE.replace("每月", "monthly") % "", "E110", "monthly", "应当写作“每月”"),
    ("考核指标 k every month { 达成条件 不可抗力 }", "E110", "every month", "应当写作“按月”"),
    ("定义 x = 阶梯 超额累进 monthly 于 利润 { 不超过 5元: 1% 超过: 2% }", "E110", "monthly", "应当写作“按月累计”"),
    ("参数 p : 金额 = 5 万元", "E101", "5 万元", "中间不留空格：“5万元”"),
    ("定义 x = 利润 > 100 元", "E101", "100 元", "中间不留空格：“100元”"),
    ('示例 "s" { 当期数据 一月 { } }', "E101", "一月", "月份请写作“2026-01”"),
    ("数据 f : 是否 件 按月", "E128", "件", "类型“是否”之后不能接“件”"),
    ("定义 x = 利润。", "E004", "。", "字符“。”不属于本语言"),
    ("参数 p : 百分比 = 0.5", "E301", "0.5", "“0.5%”或者“50%”"),
    ("参数 p : 百分比 = 5", "E301", "5", "写上百分号：“5%”"),
    (ZH_FEE % "宽限期 5天 宽限期内不计息", "E112", "天", "应当写作“日”"),
    (ZH_FEE % "" + ' 示例 "s" { 预期 2026-01 的 o 可行使 }', "E210", None, "“可行使”不是此处可用的词，应为“已消灭”"),
    ("定义 x = 本期金额", "E201", "本期金额", "“本期金额”没有定义"),
    ('义务 o { 乙方 应当 完成 "x" 至少两次 每月 履行标准 不可抗力 }', "E103", "至少两次", "至少2次"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "at", "says"), CARELESS, ids=[f"{row[1]}-{i}" for i, row in enumerate(CARELESS)]
)
def test_a_careless_line_is_told_once_with_what_to_write(text: str, code: str, at: str | None, says: str) -> None:
    zh = not text.isascii()
    base = ZH if zh else EN
    with pytest.raises(clausal.Rejected) as caught:
        clausal.load(base + text + "\n")
    found = [one for one in caught.value.diagnostics if one.severity == "error"]
    assert [one.code for one in found] == [code]
    (one,) = found
    assert one.source is not None and one.span is not None
    assert one.span.start >= len(base)
    if at is not None:
        assert one.source.text[one.span.start : one.span.end] == at
    assert says in draw(one, "zh" if zh else "en", width=200)


def test_a_currency_is_named_by_its_code() -> None:
    """The amounts are meant in it: that they are 元 is not told again, one by one."""
    for word in ("RMB", "人民币"):
        with pytest.raises(clausal.Rejected) as caught:
            clausal.load(ZH.replace("币种 CNY", f"币种 {word}") + ZH_FEE % "违约责任 { 违约金 本期金额 }" + "\n")
        (one,) = [found for found in caught.value.diagnostics if found.severity == "error"]
        assert (one.code, one.fix is not None and one.fix.replacement) == ("E117", "CNY")
        assert "请写作“CNY”" in draw(one, "zh", width=200)


def test_blanks_that_stop_a_run_are_named_in_the_readers_marks() -> None:
    contract = clausal.load(ZH + "参数 价 : 金额 = 待填\n")
    with pytest.raises(clausal.Rejected) as caught:
        contract.evaluate({}, as_of="2026-03-31")
    assert sentence(caught.value.diagnostics[0], "zh").endswith("“价”")


@pytest.mark.parametrize(
    ("line", "at", "write"),
    [("货币 CNY", "货币", "币种"), ("币种 CNY\n期限 自 2026-01-01 至 2026-12-31", "期限", "合同期限")],
)
def test_words_of_the_paper_in_a_header(line: str, at: str, write: str) -> None:
    with pytest.raises(clausal.Rejected) as caught:
        clausal.load(f'合同 "t" {{\n{line}\n}}\n当事人 甲方\n')
    first = caught.value.diagnostics[0]
    assert (first.code, write in draw(first, "zh", width=200)) == ("E112", True)
    assert first.source is not None and first.span is not None
    assert first.source.text[first.span.start : first.span.end] == at
