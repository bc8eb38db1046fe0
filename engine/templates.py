"""What a new contract may begin with: agreements that come with the program, with invented facts and their examples.

The texts are those of `contracts/`, which is data; here stands which of them are offered, and what is put beside them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import attrs

from clausal.dsl.diagnostics import Both, Lang


@attrs.frozen
class Template:
    """`folder` holds its contract and facts, `sources` says where the quoted words are from, if they are quoted."""

    name: str
    lang: Lang
    folder: str
    title: str
    about: Both
    sources: str | None = None


_MINIMAL: Final = Both(
    "a small service agreement: a monthly fee, late interest, one kpi, one right to deduct",
    "小型服务协议：每月服务费、逾期利息、一项考核指标、一项扣减权",
)
_B2B: Final = Both(
    "outsourced e-commerce: fee and commission, monthly minimums, a right to withhold, terminations",
    "电商运营外包：服务费与佣金、每月最低指标、拒付权、解除",
)
TEMPLATES: Final = (
    Template("minimal", "zh", "minimal", "技术服务协议", _MINIMAL),
    Template("minimal", "en", "minimal-en", "Technical services agreement", _MINIMAL),
    Template("b2b-outsourcing", "zh", "b2b-outsourcing", "B2B电子商务运营外包合作协议", _B2B, "b2b-outsourcing"),
    Template(
        *("b2b-outsourcing", "en", "b2b-outsourcing-en", "B2B e-commerce operations outsourcing", _B2B),
        sources="b2b-outsourcing",
    ),
    Template(
        *("integrated-marketing", "zh", "integrated-marketing", "网络整合营销服务协议"),
        Both(
            "online marketing: three ways to charge, milestones, reports, effects, acceptance, disputes",
            "网络整合营销：三种计费方式、里程碑、周报月报、效果指标、验收、争议解决",
        ),
        sources="integrated-marketing",
    ),
    Template(
        *("brand-cooperation", "zh", "brand-cooperation", "品牌合作优化调整协议"),
        Both(
            "a joint venture of three: profit by stages and ladders, a reserve, suspension, audits, exit",
            "三方品牌合作：分阶段与阶梯分红、储备金、休眠、审计、退出",
        ),
        sources="brand-cooperation",
    ),
    Template(
        *("brand-departments", "zh", "brand-departments", "营销部与品牌部合作协议"),
        Both(
            "two departments of one firm: shared budgets, approvals, bonus, meetings, escalation",
            "企业内部两部门合作：费用分摊、追加审批、奖金、会议、逐级处理",
        ),
        sources="brand-departments",
    ),
    Template(
        *("marketing-procedure", "zh", "marketing-procedure", "市场营销管理规程"),
        Both(
            "a firm's own procedure: reviews before publication, privacy, monitoring, audits",
            "企业市场营销规程：发布前审核、个人信息、监测与响应、内审",
        ),
        sources="marketing-procedure",
    ),
)

_README: Final = Both(
    """# {title}

{about}

| file | what it is |
|--|--|
| `{contract}` | the contract: its words, its rules, its examples |
| `facts/` | invented facts, a table for each kind |
{sources}
In this folder:

```
contract check .
contract test .
contract eval .
```

To make it yours, change the parties, the term and the parameters at the head of `{contract}`, then the clauses, and run
`contract check .` after each change. The examples at its end say what is to come out: they change with the terms. An empty
form for your own facts:

```
contract facts template . -o facts.xlsx
contract facts validate . facts.xlsx
contract eval . facts.xlsx
```
""",
    """# {title}

{about}

| 文件 | 内容 |
|--|--|
| `{contract}` | 合同：原文、规则和示例 |
| `facts/` | 虚构的数据，每类一张表 |
{sources}
在本文件夹中运行：

```
contract check .
contract test .
contract eval .
```

改成自己的合同：先改`{contract}`开头的当事人、合同期限和参数，再改各条款，每改一处运行一次`contract check .`。\
文末的示例写明应当得出的结果，条款变了，示例也要随之修改。自己的数据用空白表填写：

```
contract facts template . -o 数据.xlsx
contract facts validate . 数据.xlsx
contract eval . 数据.xlsx
```
""",
)
_SOURCES: Final = Both(
    "| `sources.md` | where the quoted words are from, and what is invented |\n",
    "| `sources.md` | 原文出处，哪些是补拟 |\n",
)


def offered(name: str) -> tuple[Template, ...]:
    """The templates of that name, one for each language."""
    return tuple(one for one in TEMPLATES if one.name == name)


def names() -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.name for one in TEMPLATES))


def in_language(some: Iterable[Template], lang: Lang) -> Template | None:
    return next((one for one in some if one.lang == lang), None)


def files(template: Template) -> dict[str, bytes]:
    """The files of a new contract by their paths below its folder. OSError where the installation lacks them."""
    root = Path(__file__).resolve().parents[1] / "contracts"
    folder = root / template.folder
    contract = next(path for path in folder.iterdir() if path.suffix == ".contract")
    made = {contract.name: contract.read_bytes()}
    made |= {f"facts/{path.name}": path.read_bytes() for path in sorted((folder / "facts").iterdir())}
    sources = ""
    if template.sources is not None:
        made["sources.md"] = (root / template.sources / "sources.md").read_bytes()
        sources = _SOURCES.text(template.lang)
    about = template.about.text(template.lang)
    about = about[0].upper() + about[1:] + ("。" if template.lang == "zh" else ".")
    text = _README.text(template.lang).format(
        title=template.title, about=about, contract=contract.name, sources=sources
    )
    return {"README.md": text.encode(), **made}
