//! CREATE TABLE and ALTER TABLE: columns, constraints, actions.

use super::expression::{filling, proves_not_null};
use super::{
    Action, Column, Constraint, ConstraintKind, Filling, Mode, Name, NewTable, below, child, children, has,
    identifier_of, identifiers_below, name, name_of, names_of, text_of,
};
use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode};

/// Parameters of a table that take effect without stopping anybody.
const WEAK_OPTIONS: &[&str] =
    &["fillfactor", "autovacuum", "toast", "parallel_workers", "vacuum", "log_autovacuum", "n_distinct"];

pub(super) fn create(stmt: &ast::CreateTable) -> NewTable {
    let node = stmt.syntax();
    let arguments = child::<ast::TableArgList>(node);
    let mut table = NewTable {
        name: name_of::<ast::TableName>(node).unwrap_or_default(),
        if_not_exists: child::<ast::IfNotExists>(node).is_some(),
        temporary: child::<ast::Persistence>(node)
            .is_some_and(|persistence| matches!(persistence, ast::Persistence::Temp(_))),
        partitioned: child::<ast::PartitionBy>(node).is_some(),
        partition_of: child::<ast::PartitionOf>(node)
            .and_then(|parent| name_of::<ast::TableNameRef>(parent.syntax())),
        is_default: child::<ast::PartitionType>(node)
            .is_some_and(|kind| matches!(kind, ast::PartitionType::PartitionDefault(_))),
        inherits: child::<ast::Inherits>(node)
            .map(|parents| names_of::<ast::TableNameRef>(parents.syntax()))
            .unwrap_or_default(),
        ..NewTable::default()
    };
    for argument in arguments.iter().flat_map(|list| children::<ast::TableArg>(list.syntax())) {
        match argument {
            ast::TableArg::Column(column) => {
                let name = identifier_of::<ast::ColumnName>(column.syntax());
                let (column, constraints) = define(name, column.syntax());
                table.columns.push(column);
                table.constraints.extend(constraints);
            }
            ast::TableArg::LikeClause(like) => {
                table.like.extend(name_of::<ast::RelationNameRef>(like.syntax()));
            }
            ast::TableArg::TableConstraint(found) => {
                table.constraints.extend(constraint(found.syntax(), None));
            }
        }
    }
    for key in table.constraints.iter().filter(|constraint| constraint.kind == ConstraintKind::Primary) {
        for column in table.columns.iter_mut().filter(|column| key.columns.contains(&column.name)) {
            column.not_null = true;
        }
    }
    table
}

/// A column, and the constraints that stand in its definition.
fn define(name: String, node: &SyntaxNode) -> (Column, Vec<Constraint>) {
    let type_name = child::<ast::Type>(node).map(|found| type_text(found.syntax())).unwrap_or_default();
    let mut column = Column { name, type_name, ..Column::default() };
    if column.type_name.ends_with("serial") || column.type_name.starts_with("serial") {
        (column.default, column.not_null) = (Filling::Volatile("a serial column"), true);
    }
    let mut constraints = Vec::new();
    let found = node.children().flat_map(|child| {
        // In CREATE TABLE they are within clauses, in ADD COLUMN they are not.
        ast::Constraint::cast(child).into_iter()
    });
    for part in found {
        match &part {
            ast::Constraint::NotNullConstraint(_) => column.not_null = true,
            ast::Constraint::DefaultConstraint(default) => column.default = filling(default.syntax()),
            ast::Constraint::GeneratedConstraint(generated) => {
                let node = generated.syntax();
                if below::<ast::GeneratedIdentity>(node).next().is_some() {
                    (column.default, column.not_null) = (Filling::Volatile("an identity column"), true);
                } else if text_of(node).to_ascii_lowercase().ends_with("stored") {
                    column.default = Filling::Volatile("a stored generated column");
                }
            }
            other => {
                column.not_null |= matches!(other, ast::Constraint::PrimaryKeyConstraint(_));
                constraints.extend(constraint(other.syntax(), Some(&column.name)));
            }
        }
    }
    (column, constraints)
}

/// A type as it is written, lower case.
fn type_text(node: &SyntaxNode) -> String {
    text_of(node).to_ascii_lowercase()
}

/// A constraint; `column` is the one in whose definition it stands.
fn constraint(node: &SyntaxNode, column: Option<&str>) -> Option<Constraint> {
    let own = || column.map(|column| vec![column.to_owned()]);
    let listed = |fallback: Option<Vec<String>>| {
        let listed = child::<ast::IndexParameters>(node)
            .and_then(|parameters| child::<ast::ConstraintColumnRefList>(parameters.syntax()))
            .map(|list| identifiers_below::<ast::ColumnNameRef>(list.syntax()));
        listed.or(fallback).unwrap_or_default()
    };
    let mut found = Constraint::default();
    match ast::Constraint::cast(node.clone())? {
        ast::Constraint::CheckConstraint(check) => {
            found.proves = check.expr().map(|expr| proves_not_null(expr.syntax())).unwrap_or_default();
            found.columns = own().unwrap_or_default();
        }
        ast::Constraint::ForeignKeyConstraint(key) => {
            found.kind = ConstraintKind::Foreign;
            let list = children::<ast::ForeignKeyColumnList>(key.syntax()).next();
            found.columns =
                list.map(|list| identifiers_below::<ast::ColumnNameRef>(list.syntax())).unwrap_or_default();
            found.references = name_of::<ast::TableNameRef>(node);
        }
        ast::Constraint::ReferencesConstraint(_) => {
            found.kind = ConstraintKind::Foreign;
            found.columns = own().unwrap_or_default();
            found.references = name_of::<ast::TableNameRef>(node);
        }
        ast::Constraint::UniqueConstraint(_) => {
            (found.kind, found.columns) = (ConstraintKind::Unique, listed(own()));
        }
        ast::Constraint::PrimaryKeyConstraint(_) => {
            (found.kind, found.columns) = (ConstraintKind::Primary, listed(own()));
        }
        ast::Constraint::ExcludeConstraint(_) => found.kind = ConstraintKind::Exclusion,
        ast::Constraint::NotNullConstraint(_) => {
            found.kind = ConstraintKind::NotNull;
            found.columns = own().unwrap_or_else(|| identifiers_below::<ast::ColumnNameRef>(node));
        }
        ast::Constraint::NullConstraint(_)
        | ast::Constraint::DefaultConstraint(_)
        | ast::Constraint::GeneratedConstraint(_) => return None,
    }
    let named = child::<ast::ConstraintNameClause>(node);
    found.name = named.as_ref().map(|clause| identifier_of::<ast::ConstraintName>(clause.syntax()));
    found.valid = child::<ast::NotValid>(node).is_none();
    found.using_index =
        child::<ast::UsingIndexName>(node).and_then(|using| name_of::<ast::IndexRef>(using.syntax()));
    let named = named.map(|clause| text_of(clause.syntax())).unwrap_or_default();
    let text = text_of(node);
    text.strip_prefix(&named).unwrap_or(&text).trim().clone_into(&mut found.text);
    Some(found)
}

pub(super) fn action(action: &ast::AlterTableAction) -> Action {
    use ast::AlterTableAction as A;
    let node = action.syntax();
    let column = || identifier_of::<ast::ColumnNameRef>(node);
    let constraint_ref = || identifier_of::<ast::ConstraintNameRef>(node);
    let table_ref = || name_of::<ast::TableNameRef>(node).unwrap_or_default();
    match action {
        A::AddColumn(_) => {
            let (column, constraints) = define(identifier_of::<ast::ColumnName>(node), node);
            Action::AddColumn {
                column,
                constraints,
                if_not_exists: child::<ast::IfNotExists>(node).is_some(),
            }
        }
        A::AddConstraint(_) => child::<ast::Constraint>(node)
            .and_then(|found| constraint(found.syntax(), None))
            .map_or(Action::Other(Mode::AccessExclusive), Action::AddConstraint),
        A::AlterColumn(_) => alter_column(column(), node),
        A::DropColumn(_) => Action::DropColumn(column()),
        A::DropConstraint(_) => Action::DropConstraint {
            name: constraint_ref(),
            if_exists: child::<ast::IfExists>(node).is_some(),
        },
        A::ValidateConstraint(_) => Action::ValidateConstraint(constraint_ref()),
        A::RenameColumn(_) => {
            Action::RenameColumn { from: column(), to: identifier_of::<ast::ColumnName>(node) }
        }
        A::RenameConstraint(_) => Action::RenameConstraint {
            from: constraint_ref(),
            to: identifier_of::<ast::ConstraintName>(node),
        },
        A::TableRenameTo(_) => Action::RenameTable(name_of::<ast::TableName>(node).unwrap_or_default()),
        A::AttachPartition(_) => Action::AttachPartition {
            child: table_ref(),
            is_default: child::<ast::PartitionType>(node)
                .is_some_and(|kind| matches!(kind, ast::PartitionType::PartitionDefault(_))),
        },
        A::DetachPartition(_) => {
            let option = child::<ast::DetachPartitionOption>(node);
            Action::DetachPartition {
                child: table_ref(),
                concurrently: matches!(option, Some(ast::DetachPartitionOption::DetachConcurrently(_))),
                finalize: matches!(option, Some(ast::DetachPartitionOption::DetachFinalize(_))),
            }
        }
        A::InheritTable(_) => Action::Inherit(table_ref()),
        A::NoInheritTable(_) => Action::NoInherit(table_ref()),
        A::SetSchema(_) => Action::SetSchema(identifier_of::<ast::SchemaRef>(node)),
        A::SetLogged(_) => Action::Rewrite("SET LOGGED"),
        A::SetUnlogged(_) => Action::Rewrite("SET UNLOGGED"),
        A::SetTablespace(_) => Action::Rewrite("SET TABLESPACE"),
        A::SetAccessMethod(_) => Action::Rewrite("SET ACCESS METHOD"),
        A::EnableTrigger(_)
        | A::EnableAlwaysTrigger(_)
        | A::EnableReplicaTrigger(_)
        | A::DisableTrigger(_) => Action::Trigger,
        A::SetOptions(_) | A::ResetOptions(_) => Action::Other(options(node)),
        A::ClusterOn(_) | A::SetWithoutCluster(_) => Action::Other(Mode::ShareUpdateExclusive),
        _ => Action::Other(Mode::AccessExclusive),
    }
}

fn alter_column(column: String, node: &SyntaxNode) -> Action {
    use ast::AlterColumnOption as O;
    let Some(option) = child::<ast::AlterColumnOption>(node) else {
        return Action::Other(Mode::AccessExclusive);
    };
    let inner = option.syntax();
    match &option {
        O::SetNotNull(_) => Action::SetNotNull(column),
        O::DropNotNull(_) => Action::DropNotNull(column),
        O::SetType(_) => Action::SetType {
            column,
            to: child::<ast::Type>(inner).map(|found| type_text(found.syntax())).unwrap_or_default(),
            using: child::<ast::UsingExpr>(inner).is_some(),
        },
        O::SetDefault(_) | O::DropDefault(_) => Action::SetDefault(column),
        O::SetExpression(_) => Action::SetExpression(column),
        O::SetStatistics(_) => Action::Other(Mode::ShareUpdateExclusive),
        O::SetOptions(_) | O::ResetOptions(_) | O::SetOptionsList(_) if is_statistics(inner) => {
            Action::Other(Mode::ShareUpdateExclusive)
        }
        _ => Action::Other(Mode::AccessExclusive),
    }
}

/// The lock that parameters of a table take.
fn options(node: &SyntaxNode) -> Mode {
    let names =
        below::<ast::AttributeOption>(node).map(|option| text_of(option.syntax()).to_ascii_lowercase());
    let weak = names.into_iter().all(|name| {
        let name = name::folded(&name);
        WEAK_OPTIONS.iter().any(|weak| name.starts_with(weak)) && !has(node, SyntaxKind::ERROR)
    });
    if weak { Mode::ShareUpdateExclusive } else { Mode::AccessExclusive }
}

fn is_statistics(node: &SyntaxNode) -> bool {
    text_of(node).to_ascii_lowercase().contains("n_distinct")
}

/// The name of the relation that ALTER TABLE and others name with or without ONLY.
pub(super) fn relation(node: &SyntaxNode) -> Name {
    name_of::<ast::TableRelationName>(node).unwrap_or_default()
}
