//! Conditions of rules in CEL, the Common Expression Language, compiled once.
//!
//! A condition sees `order`, `line`, `member` and `event` with the fields listed in [`FIELDS`]; amounts are minor
//! units, so no condition needs a float. Comparisons, `in`, `&&`, `||` and `!` over known fields (which is what
//! nearly all rules say) are evaluated natively; anything else goes to the CEL interpreter. Both give the same answer,
//! which a property test checks.

use crate::fact::{Line, Order};
use crate::name::Name;
use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators};
use cel::{Context, Program};
use jiff::civil::Date;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What the rules see of a member at the moment of the fact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Tier by ladder.
    pub tiers: BTreeMap<Name, Name>,
    /// Segments.
    pub segments: BTreeSet<Name>,
    /// Days since joining.
    pub days_joined: i64,
    /// Orders before this one.
    pub orders_before: i64,
}

/// Everything a condition may look at. Absent parts are empty.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The order, for orders.
    pub order: Option<&'a Order>,
    /// The line, in line conditions.
    pub line: Option<&'a Line>,
    /// The event's name, for events.
    pub event: Option<&'a Name>,
    /// The member.
    pub seen: &'a Seen,
    /// The day in the program's zone.
    pub day: Date,
}

/// A field, what it holds and what it means.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its path.
    pub path: &'static str,
    /// What it means.
    pub about: &'static str,
    read: Read,
}

/// How a field is read, by what it holds.
#[derive(Debug, Clone, Copy)]
enum Read {
    Int(fn(&Facts) -> i64),
    /// A text; absent means empty.
    Text(for<'a> fn(&Facts<'a>) -> Option<&'a str>),
    /// A text that has to be made.
    Made(fn(&Facts) -> String),
    Texts(for<'a> fn(&Facts<'a>) -> Vec<&'a str>),
}

/// The fields a condition may name.
pub const FIELDS: &[Field] = &[
    Field {
        path: "order.total_minor",
        about: "what was paid for all lines, in minor units",
        read: Read::Int(|facts| facts.order.map_or(0, Order::paid_minor)),
    },
    Field {
        path: "order.quantity",
        about: "units bought, whole units",
        read: Read::Int(|facts| facts.order.map_or(0, |order| order.quantity_milli() / 1000)),
    },
    Field {
        path: "order.lines",
        about: "how many lines",
        read: Read::Int(|facts| facts.order.map_or(0, |order| order.lines.len() as i64)),
    },
    Field {
        path: "order.store",
        about: "the store, or an empty text",
        read: Read::Text(|facts| facts.order?.store.as_ref().map(Name::as_str)),
    },
    Field {
        path: "order.channel",
        about: "till, web or app, or an empty text",
        read: Read::Text(|facts| facts.order?.channel.as_ref().map(Name::as_str)),
    },
    Field {
        path: "order.currency",
        about: "the currency code, or an empty text where it is the program's",
        read: Read::Text(|facts| facts.order?.currency.as_ref().map(domain::Currency::code)),
    },
    Field {
        path: "order.tenders",
        about: "the kinds of payment, a list of texts",
        read: Read::Texts(|facts| {
            facts
                .order
                .map_or(vec![], |order| order.tenders.iter().map(|tender| tender.kind.as_str()).collect())
        }),
    },
    Field {
        path: "order.products",
        about: "the products, a list of texts",
        read: Read::Texts(|facts| {
            facts.order.map_or(vec![], |order| order.lines.iter().map(|line| line.product.as_str()).collect())
        }),
    },
    Field {
        path: "order.categories",
        about: "the categories, a list of texts",
        read: Read::Texts(|facts| {
            facts
                .order
                .map_or(vec![], |order| order.lines.iter().map(|line| line.category.as_str()).collect())
        }),
    },
    Field {
        path: "order.day",
        about: "the day as text, 2026-03-10",
        read: Read::Made(|facts| facts.day.to_string()),
    },
    Field { path: "order.month", about: "1 to 12", read: Read::Int(|facts| i64::from(facts.day.month())) },
    Field {
        path: "order.day_of_month",
        about: "1 to 31",
        read: Read::Int(|facts| i64::from(facts.day.day())),
    },
    Field {
        path: "line.product",
        about: "the product",
        read: Read::Text(|facts| facts.line.map(|line| line.product.as_str())),
    },
    Field {
        path: "line.category",
        about: "the category, or an empty text",
        read: Read::Text(|facts| facts.line.map(|line| line.category.as_str())),
    },
    Field {
        path: "line.paid_minor",
        about: "what was paid for the line, in minor units",
        read: Read::Int(|facts| facts.line.map_or(0, Line::paid_minor)),
    },
    Field {
        path: "line.quantity",
        about: "units, whole units",
        read: Read::Int(|facts| facts.line.map_or(0, |line| line.quantity_milli / 1000)),
    },
    Field {
        path: "member.tiers",
        about: "the member's tiers, a list of texts",
        read: Read::Texts(|facts| facts.seen.tiers.values().map(Name::as_str).collect()),
    },
    Field {
        path: "member.segments",
        about: "the member's segments, a list of texts",
        read: Read::Texts(|facts| facts.seen.segments.iter().map(Name::as_str).collect()),
    },
    Field {
        path: "member.days_joined",
        about: "days since joining",
        read: Read::Int(|facts| facts.seen.days_joined),
    },
    Field {
        path: "member.orders_before",
        about: "orders before this one",
        read: Read::Int(|facts| facts.seen.orders_before),
    },
    Field {
        path: "event.name",
        about: "the event, or an empty text",
        read: Read::Text(|facts| facts.event.map(Name::as_str)),
    },
];

/// A value: borrowed from the facts or the condition where it can be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value<'a> {
    Int(i64),
    Text(Cow<'a, str>),
    Texts(Vec<Cow<'a, str>>),
    Bool(bool),
}

fn read<'a>(field: usize, facts: &Facts<'a>) -> Value<'a> {
    match FIELDS[field].read {
        Read::Int(get) => Value::Int(get(facts)),
        Read::Text(get) => Value::Text(Cow::Borrowed(get(facts).unwrap_or_default())),
        Read::Made(get) => Value::Text(Cow::Owned(get(facts))),
        Read::Texts(get) => Value::Texts(get(facts).into_iter().map(Cow::Borrowed).collect()),
    }
}

/// A compiled condition.
#[derive(Debug)]
pub struct Condition {
    source: String,
    native: Option<Node>,
    /// Which of [`FIELDS`] it names.
    names: Vec<bool>,
    program: Program,
}

impl PartialEq for Condition {
    fn eq(&self, other: &Condition) -> bool {
        self.source == other.source
    }
}

/// Comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Field(usize),
    Literal(Value<'static>),
    Not(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    In(Box<Node>, Box<Node>),
}

/// Where a condition stands, which decides what it can know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Of an order as a whole.
    OfOrders,
    /// Of each line of an order.
    OfLines,
    /// Of an event, which has no order.
    OfEvents,
}

impl Asked {
    /// Whether a field says anything there.
    fn knows(self, path: &str) -> bool {
        match (path.split('.').next(), self) {
            (Some("line"), _) => self == Asked::OfLines,
            (Some("event"), _) => self == Asked::OfEvents,
            (Some("order"), Asked::OfEvents) => {
                matches!(path, "order.day" | "order.month" | "order.day_of_month")
            }
            _ => true,
        }
    }
}

/// Why a text is no condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotACondition {
    /// It is not CEL.
    #[error("this is not a condition: {0}")]
    Malformed(String),
    /// It names a field that does not exist.
    #[error("'{unknown}' does not exist; known: {known}")]
    UnknownField {
        /// What was written.
        unknown: String,
        /// What there is.
        known: String,
    },
    /// It asks what nobody can know there, so it would always or never hold.
    #[error("'{path}' {why}")]
    NeverThere {
        /// What was asked.
        path: String,
        /// Why there is no answer.
        why: &'static str,
        /// What to ask instead.
        mend: &'static str,
    },
    /// Its answer is not yes or no, or it compares things of different kinds.
    #[error("this cannot be answered with yes or no: {0}")]
    NotABool(String),
    /// It nests too deep.
    #[error("this condition nests deeper than {0} levels: split the rule in two")]
    TooDeep(usize),
}

const DEEPEST: usize = 64;

impl Condition {
    /// Compile. Fields are checked against [`FIELDS`] and against what can be known where it is asked, and the whole is
    /// tried once on an empty order, so that a condition that loads can be evaluated.
    pub fn compile(source: &str, asked: Asked) -> Result<Condition, NotACondition> {
        if source.len() > 4096 || nesting(source) > DEEPEST {
            return Err(NotACondition::TooDeep(DEEPEST));
        }
        let program = Program::compile(source).map_err(|errors| {
            let first =
                errors.errors.first().map_or_else(|| "it cannot be read".to_owned(), |e| e.msg.clone());
            NotACondition::Malformed(first)
        })?;
        check_names(program.expression(), asked, &mut Vec::new())?;
        check_kinds(program.expression())?;
        let native = native(program.expression()).filter(|node| kind(node) == Some(Kind::Bool));
        // A field named without its root (in a text, say) is bound for nothing; one that is needed is never missed.
        let named = |field: &Field| source.contains(field.path.split('.').nth(1).unwrap_or_default());
        let names = FIELDS.iter().map(named).collect();
        let condition = Condition { source: source.to_owned(), native, names, program };
        if condition.native.is_none() {
            let seen = Seen::default();
            let facts =
                Facts { order: None, line: None, event: None, seen: &seen, day: Date::constant(2000, 1, 1) };
            condition
                .run(&facts)
                .or_else(Stopped::by_what_an_empty_order_lacks)
                .map_err(NotACondition::NotABool)?;
        }
        Ok(condition)
    }

    /// The text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether the facts satisfy it. Where CEL gives an error (an index outside a list) the answer is no.
    pub fn holds(&self, facts: &Facts) -> bool {
        match &self.native {
            Some(node) => test(node, facts),
            None => self.interpret(facts).unwrap_or(false),
        }
    }

    /// Whether it is evaluated without the interpreter.
    pub fn is_native(&self) -> bool {
        self.native.is_some()
    }

    /// The answer of the CEL interpreter.
    pub fn interpret(&self, facts: &Facts) -> Result<bool, String> {
        self.run(facts).map_err(|stopped| match stopped {
            Stopped::Error(error) => error.to_string(),
            Stopped::Answer(what) => what,
        })
    }

    fn run(&self, facts: &Facts) -> Result<bool, Stopped> {
        // The standard functions are declared once for all conditions; only what the condition names is bound.
        static FUNCTIONS: std::sync::OnceLock<std::sync::Arc<cel::Env>> = std::sync::OnceLock::new();
        let functions = FUNCTIONS.get_or_init(|| std::sync::Arc::new(cel::Env::stdlib()));
        let mut context = Context::with_env(std::sync::Arc::clone(functions));
        let mut roots: BTreeMap<&str, std::collections::HashMap<String, cel::Value>> = BTreeMap::new();
        for (place, field) in FIELDS.iter().enumerate().filter(|(place, _)| self.names[*place]) {
            let (root, name) = field.path.split_once('.').expect("a path has two parts");
            let text = |text: &Cow<str>| cel::Value::from(&**text);
            let value = match read(place, facts) {
                Value::Int(number) => cel::Value::Int(number),
                Value::Bool(yes) => cel::Value::Bool(yes),
                Value::Text(words) => text(&words),
                Value::Texts(list) => cel::Value::from(list.iter().map(text).collect::<Vec<_>>()),
            };
            roots.entry(root).or_default().insert(name.to_owned(), value);
        }
        for (root, fields) in roots {
            context.add_variable_from_value(root, fields);
        }
        match self.program.execute(&context) {
            Ok(cel::Value::Bool(yes)) => Ok(yes),
            Ok(other) => Err(Stopped::Answer(format!("its answer is a {}", other.type_of()))),
            Err(error) => Err(Stopped::Error(error)),
        }
    }
}

/// Why the interpreter gave no answer.
enum Stopped {
    Error(cel::ExecutionError),
    Answer(String),
}

impl Stopped {
    /// An index or a division that an empty order has nothing for says nothing against the condition.
    fn by_what_an_empty_order_lacks(self) -> Result<bool, String> {
        use cel::ExecutionError::{DivisionByZero, IndexOutOfBounds, NoSuchKey, RemainderByZero};
        match self {
            Stopped::Error(IndexOutOfBounds(_) | NoSuchKey(_) | DivisionByZero(_) | RemainderByZero(_)) => {
                Ok(false)
            }
            Stopped::Error(error) => Err(error.to_string()),
            Stopped::Answer(what) => Err(what),
        }
    }
}

/// CEL says that a number never equals a text; a rule that asks has a mistake in it.
fn check_kinds(expression: &IdedExpr) -> Result<(), NotACondition> {
    let Expr::Call(call) = &expression.expr else { return Ok(()) };
    if matches!(call.func_name.as_str(), operators::EQUALS | operators::NOT_EQUALS) {
        let kinds = call.args.iter().map(|argument| native(argument).as_ref().and_then(kind));
        let kinds: Vec<Option<Kind>> = kinds.collect();
        if let [Some(a), Some(b)] = kinds[..]
            && a != b
        {
            return Err(NotACondition::NotABool(format!("{a:?} and {b:?} are never equal")));
        }
    }
    call.args.iter().try_for_each(check_kinds)
}

// The parser is recursive: brackets are counted before it is asked, so that no text can exhaust the stack.
fn nesting(source: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0usize);
    for byte in source.bytes() {
        match byte {
            b'(' | b'[' | b'{' | b'!' | b'-' | b'?' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn check_names(expression: &IdedExpr, asked: Asked, bound: &mut Vec<String>) -> Result<(), NotACondition> {
    match &expression.expr {
        Expr::Select(select) => {
            if let Expr::Ident(root) = &select.operand.expr
                && !bound.contains(root)
            {
                let path = format!("{root}.{}", select.field);
                find_field(&path).ok_or_else(|| unknown(&path))?;
                return if asked.knows(&path) { Ok(()) } else { Err(never_there(path, asked)) };
            }
            check_names(&select.operand, asked, bound)
        }
        Expr::Ident(name) if bound.contains(name) || name.starts_with('@') => Ok(()),
        Expr::Ident(name) => Err(unknown(name)),
        Expr::Call(call) => {
            call.target.iter().try_for_each(|target| check_names(target, asked, bound))?;
            call.args.iter().try_for_each(|argument| check_names(argument, asked, bound))
        }
        Expr::List(list) => list.elements.iter().try_for_each(|element| check_names(element, asked, bound)),
        Expr::Comprehension(loops) => {
            check_names(&loops.iter_range, asked, bound)?;
            let before = bound.len();
            bound.extend([loops.iter_var.clone(), loops.accu_var.clone()]);
            bound.extend(loops.iter_var2.clone());
            let parts = [&loops.accu_init, &loops.loop_cond, &loops.loop_step, &loops.result];
            let checked = parts.into_iter().try_for_each(|part| check_names(part, asked, bound));
            bound.truncate(before);
            checked
        }
        _ => Ok(()),
    }
}

fn find_field(path: &str) -> Option<usize> {
    FIELDS.iter().position(|field| field.path == path)
}

fn never_there(path: String, asked: Asked) -> NotACondition {
    let (why, mend) = match asked {
        _ if path.starts_with("line.") => (
            "is known of one line only",
            "ask it in lines = '…', or ask order.products and order.categories of the whole order",
        ),
        Asked::OfEvents => (
            "is not known of an event, which has no order",
            "ask member.…, event.name, order.day, order.month or order.day_of_month",
        ),
        _ => ("is not known of an order", "give the rule event = \"…\", or ask order.… and member.…"),
    };
    NotACondition::NeverThere { path, why, mend }
}

fn unknown(path: &str) -> NotACondition {
    let root = path.split('.').next().unwrap_or_default();
    let near: Vec<&str> =
        FIELDS.iter().map(|field| field.path).filter(|known| known.split('.').next() == Some(root)).collect();
    let known = if near.is_empty() { vec!["order.…", "line.…", "member.…", "event.…"] } else { near };
    NotACondition::UnknownField { unknown: path.to_owned(), known: known.join(", ") }
}

fn native(expression: &IdedExpr) -> Option<Node> {
    match &expression.expr {
        Expr::Literal(literal) => Some(Node::Literal(match literal {
            LiteralValue::Int(number) => Value::Int(*number.inner()),
            LiteralValue::String(text) => Value::Text(Cow::Owned(text.inner().to_owned())),
            LiteralValue::Boolean(yes) => Value::Bool(*yes.inner()),
            _ => return None,
        })),
        Expr::Select(select) if !select.test => match &select.operand.expr {
            Expr::Ident(root) => find_field(&format!("{root}.{}", select.field)).map(Node::Field),
            _ => None,
        },
        Expr::List(list) if list.optional_indices.is_empty() => {
            let text = |element: &IdedExpr| match native(element) {
                Some(Node::Literal(Value::Text(text))) => Some(text),
                _ => None,
            };
            list.elements
                .iter()
                .map(text)
                .collect::<Option<Vec<_>>>()
                .map(|texts| Node::Literal(Value::Texts(texts)))
        }
        Expr::Call(call) if call.target.is_none() => {
            let argument = |place: usize| native(call.args.get(place)?).map(Box::new);
            let compare = |order| {
                let node = Node::Compare(order, argument(0)?, argument(1)?);
                kind(&node).map(|_| node)
            };
            match call.func_name.as_str() {
                operators::LOGICAL_NOT => Some(Node::Not(argument(0)?)),
                operators::LOGICAL_AND => Some(Node::And(argument(0)?, argument(1)?)),
                operators::LOGICAL_OR => Some(Node::Or(argument(0)?, argument(1)?)),
                operators::EQUALS => compare(Comparison::Equal),
                operators::NOT_EQUALS => compare(Comparison::NotEqual),
                operators::LESS => compare(Comparison::Less),
                operators::LESS_EQUALS => compare(Comparison::LessEqual),
                operators::GREATER => compare(Comparison::Greater),
                operators::GREATER_EQUALS => compare(Comparison::GreaterEqual),
                operators::IN => Some(Node::In(argument(0)?, argument(1)?)),
                _ => None,
            }
            .filter(|node| kind(node) == Some(Kind::Bool))
        }
        _ => None,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Int,
    Text,
    Texts,
    Bool,
}

fn value_kind(value: &Value<'_>) -> Kind {
    match value {
        Value::Int(_) => Kind::Int,
        Value::Text(_) => Kind::Text,
        Value::Texts(_) => Kind::Texts,
        Value::Bool(_) => Kind::Bool,
    }
}

/// What a node evaluates to; `None` where the native evaluator does not know, and CEL decides.
fn kind(node: &Node) -> Option<Kind> {
    match node {
        Node::Field(place) => Some(match FIELDS[*place].read {
            Read::Int(_) => Kind::Int,
            Read::Text(_) | Read::Made(_) => Kind::Text,
            Read::Texts(_) => Kind::Texts,
        }),
        Node::Literal(value) => Some(value_kind(value)),
        Node::Not(inner) => (kind(inner)? == Kind::Bool).then_some(Kind::Bool),
        Node::And(a, b) | Node::Or(a, b) => {
            (kind(a)? == Kind::Bool && kind(b)? == Kind::Bool).then_some(Kind::Bool)
        }
        Node::Compare(order, a, b) => {
            let (a, b) = (kind(a)?, kind(b)?);
            let ordered = matches!(a, Kind::Int | Kind::Text);
            let fits = a == b
                && (ordered
                    || (a == Kind::Bool && matches!(order, Comparison::Equal | Comparison::NotEqual)));
            fits.then_some(Kind::Bool)
        }
        Node::In(a, b) => (kind(a)? == Kind::Text && kind(b)? == Kind::Texts).then_some(Kind::Bool),
    }
}

fn test<'a>(node: &'a Node, facts: &Facts<'a>) -> bool {
    match node {
        Node::Not(inner) => !test(inner, facts),
        Node::And(a, b) => test(a, facts) && test(b, facts),
        Node::Or(a, b) => test(a, facts) || test(b, facts),
        Node::Compare(order, a, b) => compare(*order, a, b, facts),
        Node::In(a, b) => contains(b, a, facts),
        Node::Literal(Value::Bool(yes)) => *yes,
        Node::Field(_) | Node::Literal(_) => false,
    }
}

/// A scalar of a node.
fn value<'a>(node: &'a Node, facts: &Facts<'a>) -> Value<'a> {
    match node {
        Node::Literal(Value::Text(text)) => Value::Text(Cow::Borrowed(text)),
        Node::Literal(value) => value.clone(),
        Node::Field(place) => read(*place, facts),
        other => Value::Bool(test(other, facts)),
    }
}

fn compare<'a>(order: Comparison, a: &'a Node, b: &'a Node, facts: &Facts<'a>) -> bool {
    use std::cmp::Ordering;
    let (a, b) = (value(a, facts), value(b, facts));
    let ordering = match (&a, &b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        _ => return false,
    };
    match order {
        Comparison::Equal => ordering == Ordering::Equal,
        Comparison::NotEqual => ordering != Ordering::Equal,
        Comparison::Less => ordering == Ordering::Less,
        Comparison::LessEqual => ordering != Ordering::Greater,
        Comparison::Greater => ordering == Ordering::Greater,
        Comparison::GreaterEqual => ordering != Ordering::Less,
    }
}

fn contains<'a>(list: &'a Node, item: &'a Node, facts: &Facts<'a>) -> bool {
    let Value::Text(item) = value(item, facts) else { return false };
    match list {
        Node::Literal(Value::Texts(list)) => list.contains(&item),
        Node::Field(place) => matches!(FIELDS[*place].read, Read::Texts(get) if get(facts).contains(&&*item)),
        _ => false,
    }
}
