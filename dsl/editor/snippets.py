"""Whole declarations to fill in, in both languages: what is typed most, with the places to fill numbered as editors do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from clausal.dsl.diagnostics import Both

# By the terminal that begins each. `${1:…}` is the first place to fill, `$0` where the cursor is left.
SNIPPETS: Final[Mapping[str, Both]] = MappingProxyType(
    {
        "K_CONTRACT": Both(
            'contract "${1:title}" {\n'
            "  language 1\n"
            "  currency ${2:CNY}\n"
            "  term from ${3:2026-01-01} to ${4:2026-12-31}\n"
            "  rounding half_up to 0.01\n"
            "}\n$0",
            '合同 "${1:合同名称}" {\n'
            "  语言版本 1\n"
            "  币种 ${2:CNY}\n"
            "  合同期限 自 ${3:2026-01-01} 至 ${4:2026-12-31}\n"
            "  舍入 四舍五入 精确到 0.01\n"
            "}\n$0",
        ),
        "K_PARTY": Both('party ${1:name} "${2:full name}"', '当事人 ${1:甲方} "${2:全称}"'),
        "K_PARAMETER": Both("parameter ${1:name} = ${2:TBD}", "参数 ${1:名称} = ${2:待填}"),
        "K_FACT": Both("fact ${1:name} : ${2:money} ${3:monthly}", "数据 ${1:名称} : ${2:金额} ${3:按月}"),
        "K_LET": Both("let ${1:name} = $0", "定义 ${1:名称} = $0"),
        "K_KPI": Both(
            "kpi ${1:name} ${2:monthly} { met when $0 }",
            "考核指标 ${1:名称} ${2:按月} { 达成条件 $0 }",
        ),
        "K_BALANCE": Both(
            "balance ${1:name} : ${2:money} {\n  opening ${3:CNY 0}\n  add $0\n}",
            "台账 ${1:名称} : ${2:金额} {\n  期初 ${3:0元}\n  增加 $0\n}",
        ),
        "K_CLAUSE": Both(
            'clause "${1:number}" "${2:title}" {\n  text "${3:the words of the paper}"\n  $0\n}',
            '条款 "${1:编号}" "${2:标题}" {\n  原文 "${3:合同原文}"\n  $0\n}',
        ),
        "K_OBLIGATION": Both(
            "obligation ${1:name} {\n"
            "  ${2:debtor} must pay ${3:creditor} ${4:amount}\n"
            "  every month due day ${5:10} of next month\n"
            "  performed by ${6:receipts}\n"
            "  failing which { breach ${7:serious} }\n"
            "}\n$0",
            "义务 ${1:名称} {\n"
            "  ${2:甲方} 应当 支付给 ${3:乙方} ${4:金额}\n"
            "  每月 到期日 次月 第${5:10}日\n"
            "  履行凭证 ${6:收付款}\n"
            "  违约责任 { 构成违约 ${7:严重违约} }\n"
            "}\n$0",
        ),
        "K_PROHIBITION": Both(
            'prohibition ${1:name} {\n  ${2:debtor} must not do "${3:what}"\n  violated by ${4:records}\n'
            "  failing which { breach ${5:serious} }\n}\n$0",
            '禁止 ${1:名称} {\n  ${2:乙方} 不得 "${3:行为}"\n  违反记录 ${4:违规记录}\n'
            "  违约责任 { 构成违约 ${5:严重违约} }\n}\n$0",
        ),
        "K_RIGHT": Both(
            "right ${1:name} {\n  ${2:holder} may withhold ${3:duty}\n  when ${4:condition}\n"
            "  exercised on ${5:notice_received}\n  lapses after ${6:30 days}\n}\n$0",
            "权利 ${1:名称} {\n  ${2:甲方} 有权 拒付 ${3:付款义务}\n  当 ${4:条件}\n"
            "  行使日 ${5:通知到达日}\n  行使期限 ${6:30日}\n}\n$0",
        ),
        "K_SUSPENSION": Both(
            "suspension ${1:name} {\n  when ${2:condition}\n  suspends ${3:duty}\n  extends term by days\n}\n$0",
            "中止 ${1:名称} {\n  当 ${2:条件}\n  中止对象 ${3:付款义务}\n  期限按日顺延\n}\n$0",
        ),
        "K_TERMINATION": Both(
            "termination ${1:name} {\n  ${2:holder} may terminate when ${3:condition}\n  exercised on ${4:notice_received}\n"
            "  notice ${5:30 days}\n  lapses after ${6:90 days}\n}\n$0",
            "终止 ${1:名称} {\n  ${2:甲方} 有权 解除 当 ${3:条件}\n  行使日 ${4:解除通知}\n"
            "  通知期 ${5:30日}\n  行使期限 ${6:90日}\n}\n$0",
        ),
        "K_ESCALATION": Both(
            'escalation ${1:name} {\n  opens on ${2:date}\n  level "${3:managers}" within ${4:7 days}\n'
            "  stops when ${5:condition}\n}\n$0",
            '逐级处理 ${1:名称} {\n  启动日 ${2:日期}\n  级别 "${3:负责人协商}" 限期 ${4:7日}\n'
            "  停止条件 ${5:条件}\n}\n$0",
        ),
        "K_EXCEPTION_TO": Both(
            "exception to ${1:duty} when ${2:condition} { excused }",
            "例外于 ${1:付款义务} 当 ${2:条件} { 免责 }",
        ),
        "K_AMENDMENT": Both(
            'amendment "${1:title}" effective ${2:2026-07-01} {\n  $0\n}',
            '变更 "${1:补充协议}" 生效日 ${2:2026-07-01} {\n  $0\n}',
        ),
        "K_SCENARIO": Both(
            'scenario "${1:title}" {\n  facts of ${2:2026-01} { $3 }\n  as_of ${4:2026-01-31}\n  expect $0\n}',
            '示例 "${1:名称}" {\n  当期数据 ${2:2026-01} { $3 }\n  截止日 ${4:2026-01-31}\n  预期 $0\n}',
        ),
        "K_PROPERTY": Both('property "${1:title}" { always $0 }', '恒成立 "${1:名称}" { 始终 $0 }'),
        "K_USE": Both('use "${1:file.contract}"', '引用 "${1:文件.contract}"'),
        "K_FAILING_WHICH": Both(
            "failing which {\n  interest ${1:0.05% per day} simple on unpaid, cap ${2:10% of amount}\n"
            "  after ${3:30 days} breach ${4:serious}\n}",
            "违约责任 {\n  逾期利息 ${1:万分之五/日} 单利 以未付金额为基数, 上限 ${2:本期金额 的 10%}\n"
            "  逾期超过 ${3:30日} 构成违约 ${4:严重违约}\n}",
        ),
    }
)
