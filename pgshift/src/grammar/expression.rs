//! What expressions and queries tell of: the relations they read, the functions they call.

use super::{Filling, Name, Statement, below, children, name};
use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxElement, SyntaxKind, SyntaxNode};

/// Functions that give each row a value of its own.
const VOLATILE: &[&str] = &[
    "random",
    "gen_random_uuid",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
    "nextval",
    "clock_timestamp",
    "timeofday",
    "gen_random_bytes",
    "random_normal",
];

/// Functions that are evaluated once for all rows.
const STEADY: &[&str] = &[
    "now",
    "transaction_timestamp",
    "statement_timestamp",
    "current_setting",
    "current_schema",
    "coalesce",
    "nullif",
    "greatest",
    "least",
    "lower",
    "upper",
    "btrim",
    "trim",
    "concat",
    "length",
    "md5",
    "abs",
    "round",
    "floor",
    "ceil",
    "to_timestamp",
    "to_date",
    "to_char",
    "date_trunc",
    "timezone",
    "make_interval",
    "make_date",
    "make_timestamptz",
    "make_timestamp",
    "to_jsonb",
    "to_json",
    "jsonb_build_object",
    "json_build_object",
    "jsonb_build_array",
    "json_build_array",
    "array_fill",
    "decode",
    "encode",
    "int4range",
    "int8range",
    "tstzrange",
    "tsrange",
    "daterange",
    "numrange",
    "to_tsvector",
    "replace",
    "substring",
    "substr",
    "left",
    "right",
    "format",
    "repeat",
    "point",
    "box",
    "txid_current",
    "pg_current_xact_id",
    "extract",
    "date_part",
    "age",
    "justify_days",
    "array_length",
    "cardinality",
];

/// Functions that do no more than compute from the rows that a query reads.
const READING: &[&str] = &[
    "count",
    "sum",
    "min",
    "max",
    "avg",
    "bool_or",
    "bool_and",
    "every",
    "string_agg",
    "array_agg",
    "json_agg",
    "jsonb_agg",
    "json_object_agg",
    "jsonb_object_agg",
    "row_number",
    "rank",
    "dense_rank",
    "lag",
    "lead",
    "ntile",
    "generate_series",
    "unnest",
    "exists",
    "setval",
    "currval",
    "lastval",
    "set_config",
    "pg_get_serial_sequence",
    "pg_advisory_xact_lock",
    "pg_advisory_lock",
    "pg_notify",
    "pg_sleep",
    "regexp_replace",
    "split_part",
    "jsonb_set",
    "jsonb_array_elements",
    "jsonb_array_elements_text",
    "json_array_elements",
    "jsonb_each",
    "json_each",
    "jsonb_typeof",
    "regexp_matches",
    "string_to_array",
    "array_to_string",
    "array_append",
    "array_remove",
    "version",
    "hashtext",
    "sha256",
    "row_to_json",
    "first_value",
    "last_value",
    "percentile_cont",
    "position",
    "overlay",
    "to_regclass",
    "has_table_privilege",
    "pg_table_is_visible",
    "format_type",
    "obj_description",
    "char_length",
];

/// The relations that are read somewhere below; names of WITH are none.
pub(super) fn reads(node: &SyntaxNode) -> Vec<Name> {
    let local: Vec<String> = below::<ast::CteName>(node).map(|cte| name::identifier(cte.syntax())).collect();
    let from = below::<ast::RelationFromItem>(node)
        .filter_map(|item| item.relation_name_ref())
        .map(|found| Name::of(found.syntax()));
    let plain = below::<ast::Table>(node)
        .filter_map(|table| table.relation_name())
        .map(|found| Name::of(found.syntax()));
    let mut found: Vec<Name> =
        from.chain(plain).filter(|name| name.schema.is_some() || !local.contains(&name.name)).collect();
    found.sort();
    found.dedup();
    found
}

/// The names of the functions that are called below, without schemas.
fn calls(node: &SyntaxNode) -> impl Iterator<Item = String> {
    below::<ast::CallExpr>(node).filter_map(|call| {
        let callee = children::<ast::Expr>(call.syntax()).next()?;
        Some(Name::of(callee.syntax()).name)
    })
}

/// Whether functions are called that may do anything.
pub(super) fn calls_unknown(node: &SyntaxNode) -> bool {
    calls(node).any(|called| {
        let called = called.as_str();
        ![STEADY, READING, VOLATILE].iter().any(|known| known.contains(&called))
    })
}

/// What the rows that are there get from a default.
pub(super) fn filling(default: &SyntaxNode) -> Filling {
    let mut filling = Filling::Constant;
    for called in calls(default) {
        match called.as_str() {
            known if STEADY.contains(&known) => {}
            known => match VOLATILE.iter().find(|volatile| **volatile == known) {
                Some(volatile) => return Filling::Volatile(volatile),
                None => filling = Filling::Unknown,
            },
        }
    }
    filling
}

/// The columns that a condition proves to be not null: `c IS NOT NULL`, also joined by AND.
pub(super) fn proves_not_null(condition: &SyntaxNode) -> Vec<String> {
    let tokens: Vec<(SyntaxKind, String)> = condition
        .descendants_with_tokens()
        .filter_map(SyntaxElement::into_token)
        .filter(|token| !token.kind().is_trivia())
        .filter(|token| !matches!(token.kind(), SyntaxKind::L_PAREN | SyntaxKind::R_PAREN))
        .map(|token| (token.kind(), token.text().to_owned()))
        .collect();
    let proofs = tokens.split(|(kind, _)| *kind == SyntaxKind::AND_KW).map(|words| match words {
        [(_, column), (SyntaxKind::IS_KW, _), (SyntaxKind::NOT_KW, _), (SyntaxKind::NULL_KW, _)] => {
            Some(name::folded(column))
        }
        _ => None,
    });
    // An OR within would make it a proof of nothing.
    if tokens.iter().any(|(kind, _)| matches!(kind, SyntaxKind::OR_KW | SyntaxKind::CASE_KW)) {
        return Vec::new();
    }
    proofs.flatten().collect()
}

/// `SELECT set_config('search_path', …)`, as `pg_dump` writes it, is a SET.
pub(super) fn set_config(node: &SyntaxNode) -> Option<Statement> {
    let call = below::<ast::CallExpr>(node).next()?;
    let callee = children::<ast::Expr>(call.syntax()).next()?;
    if Name::of(callee.syntax()).name != "set_config" {
        return None;
    }
    let arguments = call.arg_list()?;
    let mut literals = below::<ast::Literal>(arguments.syntax()).filter_map(|literal| literal.string_value());
    Some(Statement::Set { name: literals.next()?, value: literals.next()?, local: false })
}
