//! One statement's text, read.

use super::expression::{calls_unknown, reads};
use super::table::{self, relation};
use super::{
    Mode, Name, NewIndex, Reindexed, Statement, below, child, children, expression, has, identifier_of, name,
    name_of, names_of, text_of,
};
use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SourceFile, SyntaxKind, SyntaxNode};

/// Reads one statement, with or without its semicolon.
pub(crate) fn read(text: &str) -> Statement {
    let parse = SourceFile::parse(text);
    let file = parse.tree();
    let mut statements = file.stmts().filter(|stmt| !matches!(stmt, ast::Stmt::EmptyStmt(_)));
    if let Some(error) = parse.errors().first() {
        return Statement::Unread(error.message().to_owned());
    }
    match (statements.next(), statements.next()) {
        (None, _) => Statement::Harmless,
        (Some(stmt), None) => understood(&stmt),
        (Some(_), Some(_)) => Statement::Unread("it is more than one statement".to_owned()),
    }
}

fn understood(stmt: &ast::Stmt) -> Statement {
    use ast::Stmt as S;
    let node = stmt.syntax();
    let on_relation = || {
        let on = child::<ast::OnRelation>(node);
        on.and_then(|on| name_of::<ast::RelationNameRef>(on.syntax())).unwrap_or_default()
    };
    let on_table = || {
        let on = child::<ast::OnTable>(node);
        on.and_then(|on| name_of::<ast::TableNameRef>(on.syntax())).unwrap_or_default()
    };
    let held = |table: Name, what| Statement::OnTable { table, mode: Mode::AccessExclusive, what };
    match stmt {
        S::CreateTable(create) => Statement::CreateTable(table::create(create)),
        S::CreateTableAs(_) => Statement::CreateFilled {
            name: name_of::<ast::TableName>(node).unwrap_or_default(),
            reads: reads(node),
            view: false,
            temporary: temporary(node),
        },
        S::SelectInto(_) => Statement::CreateFilled {
            name: below::<ast::IntoClause>(node)
                .next()
                .and_then(|into| name_of::<ast::TableName>(into.syntax()))
                .unwrap_or_default(),
            reads: reads(node),
            view: false,
            temporary: below::<ast::IntoClause>(node).any(|into| temporary(into.syntax())),
        },
        S::CreateMaterializedView(_) => Statement::CreateFilled {
            name: name_of::<ast::View>(node).unwrap_or_default(),
            reads: reads(node),
            view: true,
            temporary: false,
        },
        S::AlterTable(alter) if alter.all_in_tablespace().is_some() => Statement::AlterAll,
        S::AlterTable(_) | S::AlterForeignTable(_) => Statement::AlterTable {
            table: relation(node),
            actions: children::<ast::AlterTableAction>(node).map(|action| table::action(&action)).collect(),
        },
        S::DropTable(_) => {
            Statement::DropTable { tables: names_of::<ast::TableNameRef>(node), cascade: cascades(node) }
        }
        S::CreateIndex(create) => Statement::CreateIndex(index(create)),
        S::DropIndex(drop) => Statement::DropIndex {
            indexes: names_of::<ast::IndexRef>(node),
            concurrently: drop.concurrently_token().is_some(),
        },
        S::AlterIndex(_) => alter_index(node),
        S::Reindex(_) => reindex(node),
        S::Truncate(_) => Statement::Truncate {
            tables: below::<ast::TableRelationName>(node).map(|table| Name::of(table.syntax())).collect(),
            cascade: cascades(node),
        },
        S::Lock(_) => Statement::Lock {
            tables: below::<ast::RelationName>(node).map(|table| Name::of(table.syntax())).collect(),
            mode: child::<ast::LockModeClause>(node)
                .map_or(Mode::AccessExclusive, |clause| lock_mode(clause.syntax())),
        },
        S::Refresh(_) => Statement::Refresh {
            view: name_of::<ast::ViewRef>(node).unwrap_or_default(),
            concurrently: has(node, SyntaxKind::CONCURRENTLY_KW),
            data: !matches!(child::<ast::DataOption>(node), Some(ast::DataOption::WithNoData(_))),
        },
        S::Vacuum(_) => Statement::Vacuum {
            tables: tables_below(node),
            full: has(node, SyntaxKind::FULL_KW)
                || below::<ast::VacuumOption>(node).any(|option| is_on(option.syntax(), "full")),
        },
        S::Cluster(_) => Statement::Cluster { table: name_of::<ast::TableNameRef>(node) },
        S::Analyze(_) => Statement::Analyze { tables: tables_below(node) },
        S::CreateTrigger(_) => Statement::CreateTrigger {
            table: on_relation(),
            referenced: child::<ast::FromTable>(node)
                .and_then(|from| name_of::<ast::TableNameRef>(from.syntax())),
        },
        S::DropTrigger(_) => held(on_relation(), "DROP TRIGGER"),
        S::AlterTrigger(_) => held(on_relation(), "ALTER TRIGGER"),
        S::CreatePolicy(_) => held(on_table(), "CREATE POLICY"),
        S::AlterPolicy(_) => held(on_table(), "ALTER POLICY"),
        S::DropPolicy(_) => held(on_table(), "DROP POLICY"),
        S::CreateRule(_) => held(
            child::<ast::RuleOn>(node)
                .and_then(|on| name_of::<ast::RelationNameRef>(on.syntax()))
                .unwrap_or_default(),
            "CREATE RULE",
        ),
        S::DropRule(_) => held(on_relation(), "DROP RULE"),
        S::CreateView(_) => Statement::CreateView {
            name: name_of::<ast::View>(node).unwrap_or_default(),
            replace: child::<ast::OrReplace>(node).is_some(),
            reads: reads(node),
        },
        S::DropView(_) | S::DropMaterializedView(_) => {
            Statement::DropView { names: names_of::<ast::ViewRef>(node), cascade: cascades(node) }
        }
        S::AlterView(_) | S::AlterMaterializedView(_) => Statement::AlterRelation {
            name: name_of::<ast::ViewRef>(node).unwrap_or_default(),
            renamed: below::<ast::ViewRenameTo>(node).next().and_then(|to| name_of::<ast::View>(to.syntax())),
        },
        S::CreateType(_) => Statement::CreateType(name_of::<ast::TypeName>(node).unwrap_or_default()),
        S::AlterType(_) => alter_type(node),
        S::CommentOn(_) => Statement::Comment { table: commented(node) },
        S::CreatePublication(_) | S::AlterPublication(_) => Statement::Publish {
            tables: below::<ast::PublicationObjectTable>(node)
                .filter_map(|object| name_of::<ast::TableNameRef>(object.syntax()))
                .collect(),
        },
        S::CreateStatistics(_) => Statement::CreateStatistics {
            table: child::<ast::FromTable>(node).and_then(|from| name_of::<ast::TableNameRef>(from.syntax())),
        },
        S::Begin(_) => Statement::Begin,
        S::Commit(_) => Statement::Commit,
        S::Rollback(rollback) if rollback_is_whole(rollback) => Statement::Rollback,
        S::Set(_) => setting(node),
        S::DropSchema(_) => {
            Statement::DropMany { what: "DROP SCHEMA", schemas: names_of::<ast::SchemaRef>(node) }
        }
        S::DropOwned(_) => Statement::DropMany { what: "DROP OWNED", schemas: Vec::new() },
        S::DropType(_) | S::DropDomain(_) | S::DropFunction(_) | S::DropExtension(_) | S::DropSequence(_)
            if cascades(node) =>
        {
            Statement::DropMany { what: "DROP … CASCADE", schemas: Vec::new() }
        }
        S::AlterExtension(_) | S::DropExtension(_) => Statement::Opaque("an extension's own scripts"),
        S::AlterDomain(_) => Statement::Opaque("tables that use the domain"),
        S::Do(_) => Statement::Opaque("the code of a DO block"),
        S::Call(_) => Statement::Opaque("the code of a procedure"),
        S::Execute(_) => Statement::Opaque("a prepared statement"),
        other => data(other, node),
    }
}

/// Statements about rows, and the rest.
fn data(stmt: &ast::Stmt, node: &SyntaxNode) -> Statement {
    use ast::Stmt as S;
    let target = || name_of::<ast::RelationName>(node).unwrap_or_default();
    let whole = || child::<ast::WhereClauseOrCurrentOf>(node).is_none();
    match stmt {
        S::Insert(insert) => Statement::Insert {
            table: name_of::<ast::RelationNameRef>(node).unwrap_or_default(),
            reads: reads(node),
            from_query: insert
                .insert_source()
                .is_some_and(|source| below::<ast::FromClause>(source.syntax()).next().is_some()),
        },
        S::Update(_) => Statement::Update { table: target(), reads: reads(node), whole: whole() },
        S::Delete(_) => Statement::Delete { table: target(), reads: reads(node), whole: whole() },
        S::Merge(_) => Statement::Update { table: relation(node), reads: reads(node), whole: false },
        S::Copy(_) => match child::<ast::CopyTable>(node) {
            Some(table) => Statement::Copy {
                table: name_of::<ast::TableNameRef>(table.syntax()).unwrap_or_default(),
                into: matches!(child::<ast::CopyDirection>(node), Some(ast::CopyDirection::CopyFrom(_))),
            },
            None => Statement::Query { reads: reads(node), calls: calls_unknown(node), rows_locked: false },
        },
        S::Select(_) | S::CompoundSelect(_) | S::ParenSelect(_) | S::Table(_) | S::Values(_) => {
            if let Some(setting) = expression::set_config(node) {
                return setting;
            }
            Statement::Query {
                reads: reads(node),
                calls: calls_unknown(node),
                rows_locked: below::<ast::LockingClause>(node).next().is_some(),
            }
        }
        S::CreateDatabase(_) => Statement::Alone("CREATE DATABASE"),
        S::DropDatabase(_) => Statement::Alone("DROP DATABASE"),
        S::CreateTablespace(_) => Statement::Alone("CREATE TABLESPACE"),
        S::DropTablespace(_) => Statement::Alone("DROP TABLESPACE"),
        S::AlterSystem(_) => Statement::Alone("ALTER SYSTEM"),
        S::Repack(_) => Statement::Alone("REPACK"),
        S::CreateSubscription(_) => Statement::Alone("CREATE SUBSCRIPTION"),
        _ => Statement::Harmless,
    }
}

fn temporary(node: &SyntaxNode) -> bool {
    matches!(child::<ast::Persistence>(node), Some(ast::Persistence::Temp(_)))
}

fn cascades(node: &SyntaxNode) -> bool {
    matches!(child::<ast::DropBehavior>(node), Some(ast::DropBehavior::Cascade(_)))
}

fn rollback_is_whole(rollback: &ast::Rollback) -> bool {
    matches!(rollback, ast::Rollback::RollbackTransaction(_))
}

fn tables_below(node: &SyntaxNode) -> Vec<Name> {
    below::<ast::TableRelationName>(node).map(|table| Name::of(table.syntax())).collect()
}

/// Whether an option of that name is given, and not switched off.
fn is_on(node: &SyntaxNode, option: &str) -> bool {
    let text = text_of(node).to_ascii_lowercase();
    let mut words = text.split_whitespace();
    words.next() == Some(option) && !matches!(words.next(), Some("false" | "off" | "0"))
}

fn index(create: &ast::CreateIndex) -> NewIndex {
    let node = create.syntax();
    let items: Vec<ast::PartitionItem> =
        create.partition_item_list().map(|list| children(list.syntax()).collect()).unwrap_or_default();
    let columns = items.iter().map_while(|item| {
        let expression = children::<ast::Expr>(item.syntax()).next()?;
        let text = text_of(expression.syntax());
        let plain = !text.contains(['(', ' ', '.', ':', '+', '-', '|']) || text.starts_with('"');
        plain.then(|| name::folded(&text))
    });
    NewIndex {
        name: name_of::<ast::Index>(node),
        table: relation(node),
        only: create.table_relation_name().is_some_and(|table| has(table.syntax(), SyntaxKind::ONLY_KW)),
        unique: create.unique_token().is_some(),
        concurrently: create.concurrently_token().is_some(),
        if_not_exists: create.if_not_exists().is_some(),
        columns: columns.collect(),
        partial: create.where_clause().is_some(),
        method: create.using_method().and_then(|using| method(&text_of(using.syntax()))),
    }
}

/// The access method that `USING METHOD` names.
fn method(using: &str) -> Option<String> {
    using.split_whitespace().nth(1).map(name::folded)
}

fn alter_index(node: &SyntaxNode) -> Statement {
    let index = name_of::<ast::IndexRef>(node).unwrap_or_default();
    match child::<ast::AlterIndexAction>(node) {
        Some(ast::AlterIndexAction::IndexRenameTo(to)) => {
            Statement::RenameIndex { index, to: name_of::<ast::Index>(to.syntax()).unwrap_or_default() }
        }
        Some(ast::AlterIndexAction::AttachIndexPartition(attach)) => Statement::AttachIndex {
            index,
            child: name_of::<ast::IndexRef>(attach.syntax()).unwrap_or_default(),
        },
        None => Statement::AlterAll,
        Some(action) => {
            Statement::AlterIndex { index, strong: matches!(action, ast::AlterIndexAction::SetTablespace(_)) }
        }
    }
}

fn reindex(node: &SyntaxNode) -> Statement {
    let Some(target) = child::<ast::ReindexTarget>(node) else {
        return Statement::Unread("REINDEX of nothing".to_owned());
    };
    let inner = target.syntax();
    let listed = below::<ast::ReindexOption>(node).any(|option| is_on(option.syntax(), "concurrently"));
    let concurrently = listed || has(inner, SyntaxKind::CONCURRENTLY_KW);
    let target = match &target {
        ast::ReindexTarget::ReindexTargetIndex(_) => {
            Reindexed::Index(name_of::<ast::IndexRef>(inner).unwrap_or_default())
        }
        ast::ReindexTarget::ReindexTargetTable(_) => {
            Reindexed::Table(name_of::<ast::TableNameRef>(inner).unwrap_or_default())
        }
        ast::ReindexTarget::ReindexTargetSchema(_) => {
            Reindexed::Schema(name_of::<ast::SchemaRef>(inner).unwrap_or_default())
        }
        _ => Reindexed::Database,
    };
    Statement::Reindex { target, concurrently }
}

fn lock_mode(clause: &SyntaxNode) -> Mode {
    use ast::LockMode as L;
    match child::<L>(clause) {
        Some(L::AccessShare(_)) => Mode::AccessShare,
        Some(L::RowShare(_)) => Mode::RowShare,
        Some(L::RowExclusive(_)) => Mode::RowExclusive,
        Some(L::ShareUpdateExclusive(_)) => Mode::ShareUpdateExclusive,
        Some(L::Share(_)) => Mode::Share,
        Some(L::ShareRowExclusive(_)) => Mode::ShareRowExclusive,
        Some(L::Exclusive(_)) => Mode::Exclusive,
        Some(L::AccessExclusive(_)) | None => Mode::AccessExclusive,
    }
}

fn alter_type(node: &SyntaxNode) -> Statement {
    let of = name_of::<ast::TypeNameRef>(node).unwrap_or_default();
    match child::<ast::AlterTypeAction>(node) {
        Some(ast::AlterTypeAction::AddValue(add)) => Statement::AddEnumValue {
            of,
            value: add.literal().and_then(|literal| literal.string_value()).unwrap_or_default(),
        },
        // Attributes of a composite type that tables are made of.
        Some(ast::AlterTypeAction::AlterTypeAttributeActionList(_)) => {
            Statement::Opaque("tables that use the type")
        }
        _ => Statement::Harmless,
    }
}

/// The table that a comment locks.
fn commented(node: &SyntaxNode) -> Option<Name> {
    match child::<ast::CommentObject>(node)? {
        ast::CommentObject::ObjectTable(table) => name_of::<ast::TableNameRef>(table.syntax()),
        ast::CommentObject::ObjectColumn(column) => {
            // schema.table.column
            let mut text = text_of(column.name()?.syntax());
            let dot = text.rfind('.')?;
            text.truncate(dot);
            let name = text.rsplit_once('.');
            Some(match name {
                Some((schema, table)) => {
                    Name { schema: Some(name::folded(schema)), name: name::folded(table) }
                }
                None => Name { schema: None, name: name::folded(&text) },
            })
        }
        ast::CommentObject::ObjectConstraint(constraint) => name_of::<ast::TableNameRef>(constraint.syntax()),
        ast::CommentObject::ObjectTrigger(trigger) => name_of::<ast::RelationNameRef>(trigger.syntax()),
        _ => None,
    }
}

fn setting(node: &SyntaxNode) -> Statement {
    let local = matches!(child::<ast::SetScope>(node), Some(ast::SetScope::LocalScope(_)));
    match child::<ast::SetTarget>(node) {
        Some(ast::SetTarget::SetConfig(config)) => Statement::Set {
            name: identifier_of::<ast::ConfigParameterRef>(config.syntax()),
            value: child::<ast::ConfigAssignment>(config.syntax())
                .map(|value| text_of(value.syntax()))
                .unwrap_or_default()
                .trim_start_matches(['=', ' '])
                .trim_start_matches("TO ")
                .trim_start_matches("to ")
                .to_owned(),
            local,
        },
        Some(ast::SetTarget::SetSchemaValue(value)) => {
            let schema = child::<ast::Literal>(value.syntax()).and_then(|literal| literal.string_value());
            Statement::Set { name: "search_path".to_owned(), value: schema.unwrap_or_default(), local }
        }
        _ => Statement::Harmless,
    }
}
