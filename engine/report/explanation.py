"""An explanation in the reader's language: an indented tree from the figure down to the clause and the cells.

Everything is ASCII or a character that a Chinese console shows. A line is at most as wide as the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from clausal.dsl.wording import Lang, clause_text, decimals, exact_text, money_text, number_text
from clausal.engine.explain import Explanation, Node
from clausal.engine.facts import Origin
from clausal.engine.report.spelling import clean, known, named, say, spell
from clausal.engine.report.statement import Amount, Number, Word
from clausal.engine.report.terminal import wrapped

STEP: Final = 2
KEPT: Final = "\u00a0"  # a blank at which no line is broken
DEEPEST: Final = 12  # deeper lines are drawn no further to the right
BOLD, RED, PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[0m"

Args = Mapping[str, str]

# English, Chinese. `{…}` are words of the node.
SAID: Final = MappingProxyType(
    {
        "amended": (" (amendment: {by})", "（变更：{by}）"),
        "note": ("note: {text}", "附注：{text}"),
        "taken": (
            "`{name}` alone asks for the last period: {subject} was taken",
            "只写“{name}”指最后一个期间，取{subject}",
        ),
        "why not": ("why not", "未成就的原因"),
        "presumed": ("presumed by the contract", "按合同推定"),
        "judged by": ("judged by {who}", "由{who}认定"),
        "reads": ("reads `{text}`", "原文“{text}”"),
        "sheet": ("sheet {sheet}", "工作表{sheet}"),
        "row": ("row {row}", "第{row}行"),
        "column": ("column {column}", "{column}列"),
        "not known": ("not known", "未知"),
        "needs": ("not known, needs {needs}", "暂不能确定，尚缺{needs}"),
        "exactly": ("exactly {exact}", "精确值{exact}"),
        "parameter": ("parameter", "参数"),
        "holds": ("holds", "成立"),
        "fails": ("does not hold", "不成立"),
        "record": ("record {key}", "记录{key}"),
        "left out": ("left out", "不计入"),
        "condition.when": ("condition", "条件"),
        "condition.met when": ("met when", "达成条件"),
        "condition.measure": ("measure", "实际值"),
        "condition.baseline": ("baseline", "基准值"),
        "condition.target": ("target", "目标值"),
        "condition.level": ("level {name} when", "级别{name}的条件"),
        "condition.starting from": ("assessed from", "考核起始"),
        "condition.not assessed when": ("not assessed when", "不考核条件"),
        "condition.violated when": ("violated when", "违反条件"),
        "condition.where": ("where", "其中"),
        "condition.except when": ("except when", "除外条件"),
        "condition.performed on": ("performed on", "履行日"),
        "condition.performed when": ("performed when", "履行条件"),
        "condition.exception": ("exception", "例外"),
        "kpi": ("{what} is {status}", "{what}{status}"),
        "reason.out of term": ("outside the term", "不在合同期限内"),
        "reason.partial": ("not a whole period of the term", "不足一个完整考核期"),
        "reason.not started": ("assessed only from a later day", "尚未开始考核"),
        "reason.as agreed": ("not assessed, as agreed", "按约定不考核"),
        "kpi test": ("{what} is {state}", "{what}{state}"),
        "amount": ("amount", "金额"),
        "part": ("part {name}", "组成部分{name}"),
        "tax": (
            "{name} {gross}: net of tax {net}, tax {tax} {rate}",
            "{name}{gross}：不含税金额{net}，税额{tax} {rate}",
        ),
        "prorated": ("prorated by days: {days} of {of}", "按日折算：{of}日中的{days}日"),
        "due": ("due on {date}", "到期日{date}"),
        "grace": ("grace until {date}", "宽限期至{date}"),
        "duty": ("{debtor} must perform", "{debtor}应当履行"),
        "debt": ("{debtor} must pay {creditor}", "{debtor}应当支付给{creditor}"),
        "interest": ("late interest {amount}", "逾期利息{amount}"),
        "before rounding": ("{exact} before rounding", "舍入前{exact}"),
        "cap": ("cap {cap}", "上限{cap}"),
        "accrual": (
            "{from} to {to}: {days} days x {principal} x {rate} = {amount}",
            "{from}至{to}：{days}日 x {principal} x {rate} = {amount}",
        ),
        "accrual at": (
            "{from} to {to}: {days} days on {principal} at {rate}: {amount}",
            "{from}至{to}：{days}日，本金{principal}，利率{rate}：{amount}",
        ),
        "entry.arises": ("arises", "产生"),
        "entry.default": ("in default from this day", "自该日起违约"),
        "entry.accelerated": ("due at once, with the end of the contract", "随合同终止加速到期"),
        "entry.performed": ("performed", "履行完毕"),
        "entry.act": ("done: {ref}", "已完成：{ref}"),
        "entry.excused": ("excused", "已免责"),
        "entry.interest": ("late interest booked", "计入逾期利息"),
        "entry.paid principal": ("paid, to the principal", "支付，抵充本金"),
        "entry.paid interest": ("paid, to late interest", "支付，抵充逾期利息"),
        "entry.paid costs": ("paid, to costs", "支付，抵充费用"),
        "entry.written off": ("written off", "核销"),
        "entry.extended": ("extended", "期限延长"),
        "entry.moved": ("deadline moved by a suspension", "期限因中止顺延"),
        "entry.prorated": ("cut to the days that count", "按实际计费天数调整"),
        "entry.returned to credit": ("what had been paid becomes credit", "已付款项转为溢付款"),
        "entry.withheld": ("withheld", "拒付"),
        "entry.reduced": ("reduced", "扣减"),
        "entry.retained": ("retained", "暂扣"),
        "entry.disputed": ("disputed", "提出争议"),
        "entry.resolved": ("the dispute is resolved", "争议解决"),
        "entry.released": ("released", "解扣支付"),
        "entry.breach": ("breach: {grade}", "违约程度：{grade}"),
        "payment": ("payment {ref}", "付款{ref}"),
        "credit": ("from credit", "来自溢付款"),
        "ground": ("{what}, in default since {since}", "{what}，自{since}起违约"),
        "ground graded": ("{what}, in default since {since}: {grade}", "{what}，自{since}起违约：{grade}"),
        "status.not yet due": (
            "On {day} not yet due: it falls due on {due}.",
            "截至{day}未到期：到期日为{due}。",
        ),
        "status.due": (
            "On {day} due since {due} and not performed; the last day without default is {deadline}.",
            "截至{day}已到期（{due}），尚未履行；不构成违约的最后一日为{deadline}。",
        ),
        "status.in grace": (
            "On {day} in grace: it was due on {due}, and grace runs until {deadline}.",
            "截至{day}处于宽限期：到期日为{due}，宽限期至{deadline}。",
        ),
        "status.breached": (
            "On {day} in breach: not performed by {deadline}, in default since {since}.",
            "截至{day}违约：至{deadline}未履行，自{since}起违约。",
        ),
        "status.partly performed": (
            "On {day} performed in part; the last day without default is {deadline}.",
            "截至{day}已部分履行；不构成违约的最后一日为{deadline}。",
        ),
        "status.performed": (
            "Performed on {performed_on}; the last day without default was {deadline}.",
            "已于{performed_on}履行；不构成违约的最后一日为{deadline}。",
        ),
        "status.performed late": (
            "Performed late, on {performed_on}: the last day without default was {deadline}, "
            "in default since {since}.",
            "于{performed_on}逾期履行：不构成违约的最后一日为{deadline}，自{since}起违约。",
        ),
        "status.cured": (
            "Cured on {performed_on}: the last day without default was {deadline}, in default since {since}.",
            "已于{performed_on}补救：不构成违约的最后一日为{deadline}，自{since}起违约。",
        ),
        "status.undetermined": ("On {day} it cannot be known yet.", "截至{day}暂不能确定。"),
        "status.incomplete": (
            "On {day} it cannot be known yet: the facts are complete through {complete_through}, "
            "and the last day without default is {deadline}.",
            "截至{day}暂不能确定：数据完整至{complete_through}，而不构成违约的最后一日为{deadline}。",
        ),
        "status.untracked": (
            "Nothing in the contract says how its performance is known.",
            "合同没有约定如何认定已经履行。",
        ),
        "status.nil": ("The amount is nil, so nothing is to be paid.", "金额为零，无须支付。"),
        "status.other": ("On {day}: {status}.", "截至{day}：{status}。"),
        "status needs": ("It needs {needs}.", "尚缺{needs}。"),
        "status because": ("The reason: {because}.", "原因：{because}。"),
        "right.open": ("open since {opened}{until}", "自{opened}起可行使{until}"),
        "right.exercised": (
            "exercised on {exercised_on}; open since {opened}{until}",
            "已于{exercised_on}行使；自{opened}起可行使{until}",
        ),
        "right.lapsed": (
            "lapsed: open since {opened}{until}, and not exercised",
            "已失权：自{opened}起可行使{until}，未行使",
        ),
        "right.other": ("{status}; open since {opened}{until}", "{status}；自{opened}起可行使{until}"),
        "until": (", to be exercised by {last_day}", "，最后行使日{last_day}"),
        "over": ("over {over}", "针对{over}"),
        "cure": ("cure until {cure_until}", "补救期至{cure_until}"),
        "effective": ("effective on {effective_on}", "生效日{effective_on}"),
        "not open": ("the right of {holder} did not open", "{holder}的权利未成立"),
        "no instance": ("nothing of it had arisen by {as_of}", "截至{as_of}尚未产生"),
        "no penalty": ("no penalty has arisen", "未产生违约金"),
        "opening": ("opening", "期初"),
        "movement.add": ("added", "增加"),
        "movement.deduct": ("deducted", "减少"),
        "accrued": ("accrued on it", "计息"),
        "violation": ("{debtor} violated it on {since}", "{debtor}于{since}违反"),
        "not violated": ("no violation is known", "未发现违反"),
        "by": ("by {by}", "由{by}作出"),
        "escalation": (
            "{status}, on level {level}, whose last day is {last_day}",
            "{status}；所在级别：{level}；期限届满日{last_day}",
        ),
        "condition.stops when": ("stops when", "停止条件"),
    }
)  # fmt: skip


def render(explanation: Explanation, lang: Lang, width: int = 80, color: bool = False) -> str:
    """The whole explanation: the subject, its clause with the paper's words, the tree, the notes."""
    page = _Page(lang, width, color)
    return "\n".join(page.whole(explanation)) + "\n"


class _Page:
    def __init__(self, lang: Lang, width: int, color: bool) -> None:
        self.lang: Lang = lang
        self.width = max(width, 30)
        self.color = color

    # -- sentences

    def say(self, key: str, /, **words: str) -> str:
        said = SAID[key][1 if self.lang == "zh" else 0]
        return said.format_map({name: clean(word) for name, word in words.items()})

    @property
    def colon(self) -> str:
        return "：" if self.lang == "zh" else ": "

    @property
    def joint(self) -> str:
        return "、" if self.lang == "zh" else ", "

    def worth(self, value: Mapping[str, Any] | None) -> str:
        """A typed value of the result document, exact."""
        if value is None:
            return ""
        if value.get("undetermined"):
            needs = self.joint.join(value["needs"])
            return self.say("needs", needs=needs) if needs else self.say("not known")
        if "not_applicable" in value:
            return say(f"reason.{value['not_applicable']}", self.lang)
        exact = Fraction(value["exact"]) if "exact" in value else None
        match value["type"]:
            case "money":
                currency = value["currency"]
                if exact is None or ("/" not in value["value"] and exact == Fraction(value["value"])):
                    return spell(Amount(value["value"], currency), self.lang).replace(" ", KEPT)
                whole = self.say("exactly", exact=exact_text(exact))
                shown = exact if "/" in value["value"] else Fraction(value["value"])
                return f"{self.amount(str(shown), currency)} ({whole})"
            case "shares":
                return self.joint.join(f"{clean(part['name'])} {self.worth(part['value'])}" for part in value["parts"])
            case "boolean":
                return spell(Word("boolean", "true" if value["value"] else "false"), self.lang)
            case "number" | "count" if exact is not None:
                unit = value.get("unit") or ""
                return f"{number_text(exact)} {clean(unit)}".strip()
            case "rate":
                unit = value.get("unit") or ""
                return spell(Number(value["value"], f"per {unit}" if unit else ""), self.lang)
            case "duration":
                return spell(Number(value["value"], value["unit"]), self.lang)
            case _:
                return clean(str(value["value"]))

    def amount(self, exact: str, currency: str) -> str:
        return money_text(Fraction(exact), currency, decimals(currency)).replace(" ", KEPT)

    def place(self, origin: Origin | None) -> str:
        if origin is None:
            return ""
        parts = [clean(origin.file)]
        if origin.sheet is not None:
            parts.append(self.say("sheet", sheet=origin.sheet))
        if origin.row is not None:
            parts.append(self.say("row", row=str(origin.row)).replace(" ", KEPT))
        if origin.column is not None:
            parts.append(self.say("column", column=origin.column))
        place = " ".join(parts)
        if origin.text is not None:
            text = origin.text if len(origin.text) <= 60 else origin.text[:59] + "…"
            place += ", " if self.lang == "en" else "，"
            place += self.say("reads", text=text)
        return place

    # -- lines

    def line(self, depth: int, *parts: str, red: bool = False) -> Iterator[str]:
        """What belongs together, two blanks between; lines that follow stand further in."""
        indent = " " * (STEP * min(depth, DEEPEST))
        text = "  ".join(part for part in parts if part)
        first, *rest = wrapped(text, self.width, indent)
        if rest:
            first, *rest = wrapped(text, self.width - 4, indent)
        for each in (first, *("    " + line for line in rest)):
            each = each.replace(KEPT, " ")
            yield f"{RED}{each}{PLAIN}" if red and self.color else each

    def whole(self, e: Explanation) -> Iterator[str]:
        head = named(e.subject, self.lang)
        worth = self.worth(e.root.value)
        if worth:
            head += f" = {worth}"
        for each in wrapped(head, self.width):
            each = each.replace(KEPT, " ")
            yield f"{BOLD}{each}{PLAIN}" if self.color else each
        if e.taken is not None:
            yield from self.line(1, self.say("taken", name=e.taken, subject=e.subject))
        if e.clause is not None:
            of, title = clause_text(e.clause.number, self.lang), f" {clean(e.clause.title)}" if e.clause.title else ""
            if e.clause.amendment is not None:
                title += self.say("amended", by=clean(e.clause.amendment))
            yield from wrapped(of[:1].upper() + of[1:] + title, self.width, "  ")
            if e.clause.text:
                opening, closing = "“”" if self.lang == "zh" else '""'
                first, *rest = wrapped(clean(e.clause.text), self.width - 4, "     ")
                lines = [f"    {opening}{first.lstrip()}", *rest]
                yield from (*lines[:-1], lines[-1] + closing)
        yield from self.root(e.root)
        for note in e.notes:
            yield from self.line(1, self.say("note", text=note))

    def root(self, node: Node) -> Iterator[str]:
        args = dict(node.args)
        match node.key:
            case "let" if node.formula is not None:
                yield from self.line(1, f"= {clean(node.formula)}")
            case "kpi":
                why = f"reason.{args['why']}"
                yield from self.line(1, self.kpi(node, args), self.say(why) if why in SAID else clean(args["why"]))
            case "obligation" | "interest" if "debtor" in args:
                key = "debt" if args["creditor"] else "duty"
                status = say(f"status.{args['status']}", self.lang)
                bad = args["status"] == "breached"
                yield from self.line(1, self.say(key, **args) + self.colon + status, red=bad)
            case "right":
                yield from self.line(1, self.right(args))
                for key in ("over", "cure", "effective"):
                    needed = {"over": "over", "cure": "cure_until", "effective": "effective_on"}[key]
                    if needed in args:
                        yield from self.line(1, self.say(key, **args))
            case "escalation":
                status = say(f"level.{args['status']}", self.lang)
                said = self.say("escalation", **{**args, "status": status, "level": clean(args["level"])})
                needs = self.say("status needs", needs=clean(args["needs"])) if "needs" in args else ""
                yield from self.line(1, said, needs)
            case "violation":
                yield from self.line(1, self.say("violation", **args), clean(node.formula or ""), red=True)
                yield from self.line(2, self.place(node.place))
            case "not violated":
                yield from self.line(1, self.say("not violated"), clean(node.formula or ""))
            case "not open" | "no instance" | "no penalty":
                yield from self.line(1, self.say(node.key, **args))
            case _:
                pass
        currency = str((node.value or {}).get("currency") or "")
        yield from self.children(node, 1, currency)

    def children(self, node: Node, depth: int, currency: str) -> Iterator[str]:
        for child in node.children:
            if child.key == "records" and child.formula == node.formula:
                yield from self.children(child, depth, currency)  # the formula and its value are said above
            else:
                yield from self.node(child, depth, currency)

    def node(self, node: Node, depth: int, currency: str) -> Iterator[str]:
        """One line and what stands behind it; `currency` is that of the amounts that come as bare numbers."""
        args = dict(node.args)
        formula = clean(node.formula or "")
        worth = self.worth(node.value)
        inner = depth + 1
        match node.key:
            case "why not":
                yield from self.line(depth, self.say("why not") + self.colon.rstrip())
            case "condition" | "figure" | "level":
                level = self.say("condition.level", name=clean(node.subject)) if node.key == "level" else ""
                name = level or self.say(f"condition.{node.subject}")
                yield from self.line(depth, f"{name}{self.colon}{formula}", self.truth(node))
            case "formula":
                yield from self.line(
                    depth, *((formula, self.truth(node)) if _is_truth(node) else (f"{formula} = {worth}",))
                )
            case "let":
                yield from self.line(depth, f"{named(node.subject, self.lang)} = {worth}", formula)
            case "fact":
                said = clean(args.get("judged by", ""))
                yield from self.line(
                    depth,
                    f"{named(node.subject, self.lang)} = {worth}",
                    self.say("presumed") if "presumed" in args and node.place is None else "",
                    self.say("judged by", who=said) if said else "",
                    self.place(node.place),
                )
            case "field":
                yield from self.line(depth, f"{named(node.subject, self.lang)} = {worth}", self.place(node.place))
            case "parameter":
                yield from self.line(depth, f"{named(node.subject, self.lang)} = {worth}", self.say("parameter"))
            case "kpi test":
                state = (
                    say(f"kpi.{formula}", self.lang) if known(f"kpi.{formula}") else formula
                )  # else a level's own name
                args = {"what": node.subject, "state": state}
                yield from self.line(depth, self.say("kpi test", **args), self.truth(node))
            case "records":
                yield from self.line(depth, f"{named(node.subject, self.lang)}{self.colon}{formula} = {worth}")
            case "record":
                name = self.say("record", key=node.subject).replace(" ", KEPT)
                out = args.get("counted") == "no"
                yield from self.line(
                    depth,
                    self.say("left out") if out else f"{name} = {worth}" if worth else name,
                    name if out else "",
                    self.place(node.place),
                )
            case "amount":
                name = self.say("amount") if "@" in node.subject else self.say("part", name=node.subject)
                yield from self.line(depth, f"{name}{self.colon}{worth}", formula)
            case "opening" | "accrued":
                yield from self.line(depth, f"{self.say(node.key)}{self.colon}{worth}", formula)
            case "movement":
                what = self.say(f"movement.{args['kind']}")
                yield from self.line(depth, args.get("on", ""), f"{what}{self.colon}{worth}", formula or node.subject)
            case "step":
                yield from self.line(depth, f"{say(f'step.{node.subject}', self.lang)}{self.colon}{worth}", formula)
            case "tax":
                own = str((node.value or {}).get("currency") or "")
                name = named(node.subject, self.lang) if node.subject else say("detail.gross", self.lang)
                if node.subject in ("over cap", "minimum commitment"):
                    name = say(f"step.{node.subject}", self.lang)
                figures = {key: self.amount(args[key], own) for key in ("net", "tax")}
                said = self.say("tax", **figures, name=name, gross=worth, rate=args["rate"])
                yield from self.line(depth, said.strip())
            case "prorated":
                yield from self.line(depth, self.say("prorated", **args))
            case "due" | "grace":
                words = formula.removeprefix("due ").removeprefix("到期日").strip()
                yield from self.line(depth, self.say(node.key, date=worth), words)
            case "interest":
                yield from self.interest(node, depth, args, formula, worth)
                return
            case "entry":
                yield from self.line(depth, *self.entry(node, args, worth))
            case "status":
                yield from self.status(depth, args)
            case "ground":
                grade = say(f"grade.{args['grade']}", self.lang) if args["grade"] else ""
                key = "ground graded" if grade else "ground"
                yield from self.line(depth, self.say(key, what=node.subject, since=args["since"], grade=grade))
            case "event":
                what = say(f"event.{args['what']}", self.lang)
                more = [self.said(name, word) for name, word in args.items() if name not in _NOT_SAID]
                yield from self.line(depth, f"{args['date']}  {what}", ("；" if self.lang == "zh" else "; ").join(more))
            case _:
                yield from self.line(depth, node.key, named(node.subject, self.lang), formula, worth)
        yield from self.children(node, inner, currency)

    def said(self, name: str, word: str) -> str:
        """A word that an event carries, with what it is."""
        if name in SAID:
            return self.say(name, **{name: word})
        label = say(f"arg.{name}" if known(f"arg.{name}") else f"detail.{name}", self.lang)
        if name == "status":
            room = next((room for room in ("level", "approval", "status") if known(f"{room}.{word}")), "status")
            return f"{label} {say(f'{room}.{word}', self.lang)}".strip()
        if name in ("code", "reason", "because"):
            room = next((room for room in ("code", "reason") if known(f"{room}.{word}")), "reason")
            return f"{label} {say(f'{room}.{word}', self.lang)}".strip()
        return f"{label} {clean(word)}".strip()

    def kpi(self, node: Node, args: Args) -> str:
        return self.say("kpi", what=node.subject, status=say(f"kpi.{args['status']}", self.lang))

    def truth(self, node: Node) -> str:
        """Whether a condition holds; what is not a condition, or not known, says its value."""
        if not _is_truth(node) or node.value is None:
            worth = self.worth(node.value)
            return f"= {worth}" if worth else ""
        return "-> " + self.say("holds" if node.value["value"] else "fails")

    def right(self, args: Args) -> str:
        until = self.say("until", last_day=args["last_day"]) if "last_day" in args else ""
        status = args["status"]
        key = f"right.{status}" if f"right.{status}" in SAID else "right.other"
        words = {**args, "until": until, "status": say(f"right.{status}", self.lang)}
        holder = clean(args.get("holder", ""))
        effect = say(f"may.{args.get('effect', 'other')}", self.lang)
        said = self.say(key, **words)
        if self.lang == "zh":
            return f"{holder}{effect}：{said}"
        return f"{holder} {effect}: {said}".strip()

    def interest(self, node: Node, depth: int, args: Args, formula: str, worth: str) -> Iterator[str]:
        currency = str((node.value or {}).get("currency") or "")
        exact = Fraction(args["exact"])
        rounded = node.value is None or Fraction(node.value["exact"]) == exact
        yield from self.line(
            depth,
            self.say("interest", amount=worth),
            formula,
            "" if rounded else self.say("before rounding", exact=self.amount(args["exact"], currency)),
            self.say("cap", cap=self.amount(args["cap"], currency)) if "cap" in args else "",
        )
        for child in node.children:
            yield from self.line(depth + 1, self.accrual(child, currency))

    def accrual(self, node: Node, currency: str) -> str:
        args = dict(node.args)
        amount = Fraction((node.value or {}).get("exact", "0"))
        rate = Fraction(args["rate"].removesuffix("%")) / (100 if args["rate"].endswith("%") else 1)
        whole = args["per"] == "day" and int(args["days"]) * Fraction(args["principal"]) * rate == amount
        words = {
            **args,
            "principal": self.amount(args["principal"], currency),
            "rate": spell(Number(args["rate"], f"per {args['per']}"), self.lang),
            "amount": self.amount(str(amount), currency),
        }
        if args["days"] == "1" and self.lang == "en":
            return self.say("accrual" if whole else "accrual at", **words).replace("1 days", "1 day", 1)
        return self.say("accrual" if whole else "accrual at", **words)

    def entry(self, node: Node, args: Args, worth: str) -> tuple[str, ...]:
        what, ref = args["what"], args["ref"]
        if what.startswith("breach "):
            grade = say(f"grade.{what.removeprefix('breach ')}", self.lang)
            said = self.say("entry.breach", grade=grade)
        elif f"entry.{what}" in SAID:
            said = self.say(f"entry.{what}", ref=ref)
        else:
            said = say(f"kind.{what}", self.lang)
        source = ""
        if ref == "credit":
            source = self.say("credit")
        elif ref and what != "act":
            source = self.say("payment", ref=ref)
        return f"{args['date']}  {said}", worth, source, self.place(node.place)

    def status(self, depth: int, args: Args) -> Iterator[str]:
        status = args["status"]
        key = f"status.{status}"
        words = {**args, "status": say(key, self.lang)}
        if status == "undetermined" and "needs" not in args:
            key = "status.incomplete"
        wanted = _words(SAID[key][0]) if key in SAID else {"?"}
        said = [self.say(key if wanted <= set(words) else "status.other", **words)]
        if "needs" in args:
            said.append(self.say("status needs", **args))
        if "because" in args:
            said.append(self.say("status because", because=say(f"reason.{args['because']}", self.lang)))
        blank = "" if self.lang == "zh" else " "
        yield from self.line(depth, blank.join(said), red=status == "breached")


_NOT_SAID: Final = frozenset({"date", "what", "effect"})


def _words(template: str) -> set[str]:
    return {part.partition("}")[0] for part in template.split("{")[1:]}


def _is_truth(node: Node) -> bool:
    return node.value is not None and node.value.get("type") == "boolean" and "value" in node.value
