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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its path.
    pub path: &'static str,
    /// What it means.
    pub about: &'static str,
}

/// The fields a condition may name.
pub const FIELDS: &[Field] = &[
    Field { path: "order.total_minor", about: "what was paid for all lines, in minor units" },
    Field { path: "order.quantity", about: "units bought, whole units" },
    Field { path: "order.lines", about: "how many lines" },
    Field { path: "order.store", about: "the store, or an empty text" },
    Field { path: "order.channel", about: "till, web or app, or an empty text" },
    Field { path: "order.currency", about: "the currency code, or an empty text where it is the program's" },
    Field { path: "order.tenders", about: "the kinds of payment, a list of texts" },
    Field { path: "order.products", about: "the products, a list of texts" },
    Field { path: "order.categories", about: "the categories, a list of texts" },
    Field { path: "order.day", about: "the day as text, 2026-03-10" },
    Field { path: "order.month", about: "1 to 12" },
    Field { path: "order.day_of_month", about: "1 to 31" },
    Field { path: "line.product", about: "the product" },
    Field { path: "line.category", about: "the category, or an empty text" },
    Field { path: "line.paid_minor", about: "what was paid for the line, in minor units" },
    Field { path: "line.quantity", about: "units, whole units" },
    Field { path: "member.tiers", about: "the member's tiers, a list of texts" },
    Field { path: "member.segments", about: "the member's segments, a list of texts" },
    Field { path: "member.days_joined", about: "days since joining" },
    Field { path: "member.orders_before", about: "orders before this one" },
    Field { path: "event.name", about: "the event, or an empty text" },
];

/// A field's value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Int(i64),
    Text(Name),
    Texts(Vec<Name>),
    Bool(bool),
}

fn read(field: usize, facts: &Facts) -> Value {
    let empty = || Value::Text(Name::new(""));
    let text = |name: Option<&Name>| name.map_or_else(empty, |name| Value::Text(name.clone()));
    let order = facts.order;
    let per_line = |get: fn(&Line) -> &Name| {
        let lines = order.map_or(&[][..], |order| &order.lines);
        Value::Texts(lines.iter().map(|line| get(line).clone()).collect())
    };
    match FIELDS[field].path {
        "order.total_minor" => Value::Int(order.map_or(0, Order::paid_minor)),
        "order.quantity" => Value::Int(order.map_or(0, |order| order.quantity_milli() / 1000)),
        "order.lines" => Value::Int(order.map_or(0, |order| order.lines.len() as i64)),
        "order.store" => text(order.and_then(|order| order.store.as_ref())),
        "order.channel" => text(order.and_then(|order| order.channel.as_ref())),
        "order.currency" => order
            .and_then(|order| order.currency)
            .map_or_else(empty, |currency| Value::Text(currency.code().into())),
        "order.tenders" => {
            let tenders = order.map_or(&[][..], |order| &order.tenders);
            Value::Texts(tenders.iter().map(|tender| tender.kind.clone()).collect())
        }
        "order.products" => per_line(|line| &line.product),
        "order.categories" => per_line(|line| &line.category),
        "order.day" => Value::Text(Name::new(&facts.day.to_string())),
        "order.month" => Value::Int(i64::from(facts.day.month())),
        "order.day_of_month" => Value::Int(i64::from(facts.day.day())),
        "line.product" => text(facts.line.map(|line| &line.product)),
        "line.category" => text(facts.line.map(|line| &line.category)),
        "line.paid_minor" => Value::Int(facts.line.map_or(0, Line::paid_minor)),
        "line.quantity" => Value::Int(facts.line.map_or(0, |line| line.quantity_milli / 1000)),
        "member.tiers" => Value::Texts(facts.seen.tiers.values().cloned().collect()),
        "member.segments" => Value::Texts(facts.seen.segments.iter().cloned().collect()),
        "member.days_joined" => Value::Int(facts.seen.days_joined),
        "member.orders_before" => Value::Int(facts.seen.orders_before),
        _ => text(facts.event),
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
enum Order2 {
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
    Literal(Value),
    Not(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Compare(Order2, Box<Node>, Box<Node>),
    In(Box<Node>, Box<Node>),
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
    /// Its answer is not yes or no, or it compares things of different kinds.
    #[error("this cannot be answered with yes or no: {0}")]
    NotABool(String),
    /// It nests too deep.
    #[error("this condition nests deeper than {0} levels: split the rule in two")]
    TooDeep(usize),
}

const DEEPEST: usize = 64;

impl Condition {
    /// Compile. Fields are checked against [`FIELDS`], and the whole is tried once on an empty order, so that a
    /// condition that loads can be evaluated.
    pub fn compile(source: &str) -> Result<Condition, NotACondition> {
        if source.len() > 4096 || nesting(source) > DEEPEST {
            return Err(NotACondition::TooDeep(DEEPEST));
        }
        let program = Program::compile(source).map_err(|errors| {
            let first =
                errors.errors.first().map_or_else(|| "it cannot be read".to_owned(), |e| e.msg.clone());
            NotACondition::Malformed(first)
        })?;
        check_names(program.expression(), &mut Vec::new())?;
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
            let text = |name: &Name| cel::Value::from(name.as_str());
            let value = match read(place, facts) {
                Value::Int(number) => cel::Value::Int(number),
                Value::Bool(yes) => cel::Value::Bool(yes),
                Value::Text(name) => text(&name),
                Value::Texts(names) => cel::Value::from(names.iter().map(text).collect::<Vec<_>>()),
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

fn check_names(expression: &IdedExpr, bound: &mut Vec<String>) -> Result<(), NotACondition> {
    match &expression.expr {
        Expr::Select(select) => {
            if let Expr::Ident(root) = &select.operand.expr
                && !bound.contains(root)
            {
                let path = format!("{root}.{}", select.field);
                return find_field(&path).map(|_| ()).ok_or_else(|| unknown(&path));
            }
            check_names(&select.operand, bound)
        }
        Expr::Ident(name) if bound.contains(name) || name.starts_with('@') => Ok(()),
        Expr::Ident(name) => Err(unknown(name)),
        Expr::Call(call) => {
            call.target.iter().try_for_each(|target| check_names(target, bound))?;
            call.args.iter().try_for_each(|argument| check_names(argument, bound))
        }
        Expr::List(list) => list.elements.iter().try_for_each(|element| check_names(element, bound)),
        Expr::Comprehension(loops) => {
            check_names(&loops.iter_range, bound)?;
            let before = bound.len();
            bound.extend([loops.iter_var.clone(), loops.accu_var.clone()]);
            bound.extend(loops.iter_var2.clone());
            let parts = [&loops.accu_init, &loops.loop_cond, &loops.loop_step, &loops.result];
            let checked = parts.into_iter().try_for_each(|part| check_names(part, bound));
            bound.truncate(before);
            checked
        }
        _ => Ok(()),
    }
}

fn find_field(path: &str) -> Option<usize> {
    FIELDS.iter().position(|field| field.path == path)
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
            LiteralValue::String(text) => Value::Text(Name::new(text.inner())),
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
                operators::EQUALS => compare(Order2::Equal),
                operators::NOT_EQUALS => compare(Order2::NotEqual),
                operators::LESS => compare(Order2::Less),
                operators::LESS_EQUALS => compare(Order2::LessEqual),
                operators::GREATER => compare(Order2::Greater),
                operators::GREATER_EQUALS => compare(Order2::GreaterEqual),
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

fn value_kind(value: &Value) -> Kind {
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
        Node::Field(place) => {
            let seen = Seen::default();
            let facts =
                Facts { order: None, line: None, event: None, seen: &seen, day: Date::constant(2000, 1, 1) };
            Some(value_kind(&read(*place, &facts)))
        }
        Node::Literal(value) => Some(value_kind(value)),
        Node::Not(inner) => (kind(inner)? == Kind::Bool).then_some(Kind::Bool),
        Node::And(a, b) | Node::Or(a, b) => {
            (kind(a)? == Kind::Bool && kind(b)? == Kind::Bool).then_some(Kind::Bool)
        }
        Node::Compare(order, a, b) => {
            let (a, b) = (kind(a)?, kind(b)?);
            let ordered = matches!(a, Kind::Int | Kind::Text);
            let fits =
                a == b && (ordered || (a == Kind::Bool && matches!(order, Order2::Equal | Order2::NotEqual)));
            fits.then_some(Kind::Bool)
        }
        Node::In(a, b) => (kind(a)? == Kind::Text && kind(b)? == Kind::Texts).then_some(Kind::Bool),
    }
}

fn test(node: &Node, facts: &Facts) -> bool {
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

fn value<'a>(node: &'a Node, facts: &Facts) -> std::borrow::Cow<'a, Value> {
    match node {
        Node::Literal(value) => std::borrow::Cow::Borrowed(value),
        Node::Field(place) => std::borrow::Cow::Owned(read(*place, facts)),
        other => std::borrow::Cow::Owned(Value::Bool(test(other, facts))),
    }
}

fn compare(order: Order2, a: &Node, b: &Node, facts: &Facts) -> bool {
    use std::cmp::Ordering;
    let (a, b) = (value(a, facts), value(b, facts));
    let ordering = match (&*a, &*b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        _ => return false,
    };
    match order {
        Order2::Equal => ordering == Ordering::Equal,
        Order2::NotEqual => ordering != Ordering::Equal,
        Order2::Less => ordering == Ordering::Less,
        Order2::LessEqual => ordering != Ordering::Greater,
        Order2::Greater => ordering == Ordering::Greater,
        Order2::GreaterEqual => ordering != Ordering::Less,
    }
}

fn contains(list: &Node, item: &Node, facts: &Facts) -> bool {
    let (list, item) = (value(list, facts), value(item, facts));
    match (&*list, &*item) {
        (Value::Texts(list), Value::Text(item)) => list.contains(item),
        _ => false,
    }
}
