//! A plan as text: layers, steps, needed columns and statements. The format of the plan tests.

use std::fmt::Write;

use super::{Fetch, How, LayerId, LinkWork, LoadFrom, Plan, SlotId, Work};
use crate::graph::{Cardinality, Loader, LoaderRun};
use crate::query::Expr;
use crate::sql::Dialect;

impl Plan {
    /// What the plan does, one line a step, statements in this dialect. The fields of a mutation come in turn.
    pub fn explain(&self, dialect: Dialect) -> String {
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = self.write_explanation(&mut out, dialect);
        for next in &self.then {
            out.push_str("then\n");
            let _ = next.write_explanation(&mut out, dialect);
        }
        out
    }

    fn write_explanation(&self, out: &mut String, dialect: Dialect) -> std::fmt::Result {
        for (at, layer) in self.layers.iter().enumerate() {
            let id = LayerId(at as u32);
            write!(out, "layer {at}: {}", self.graph.node(layer.node).name)?;
            if !layer.slots.is_empty() {
                let names: Vec<String> =
                    (0..layer.slots.len() as u32).map(|slot| self.slot(id, SlotId(slot))).collect();
                write!(out, " needs {}", names.join(", "))?;
            }
            out.push('\n');
            for &step in &layer.steps {
                match &self.step(step).work {
                    Work::Load { from, .. } => match from {
                        LoadFrom::Table(fetch) => statement(out, "load by key", fetch, dialect)?,
                        LoadFrom::Memory { .. } => writeln!(out, "  load by key from memory")?,
                        LoadFrom::Loader(loader) => writeln!(out, "  load by key: {}", function(loader))?,
                    },
                    Work::Compute { loader, requires, fills, args } => {
                        let slot = self.slot(id, *fills);
                        let args = arguments(&args.values);
                        writeln!(
                            out,
                            "  compute {slot}{args} of ({}): {}",
                            self.slots(id, requires),
                            function(loader)
                        )?;
                    }
                    Work::Link(link) => self.link(out, id, link, dialect)?,
                }
            }
        }
        Ok(())
    }

    fn link(&self, out: &mut String, layer: LayerId, link: &LinkWork, dialect: Dialect) -> std::fmt::Result {
        let node = self.graph.node(self.layer(layer).node);
        let name = &node.member(link.member).names().rust;
        let cardinality = match link.cardinality {
            Cardinality::One => "one",
            Cardinality::Maybe => "maybe",
            Cardinality::Many => "many",
            Cardinality::MaybeMany => "maybe many",
            Cardinality::OptionalMany => "many or null",
            Cardinality::OptionalMaybeMany => "maybe many or null",
        };
        let mut head = format!("link {name}{}", arguments(&link.args.values));
        if !link.requires.is_empty() {
            write!(head, " of ({})", self.slots(layer, &link.requires))?;
        }
        write!(head, " to {cardinality} in layer {}", link.child.0)?;
        match &link.how {
            How::All(fetch) => statement(out, &format!("{head}: all rows"), fetch, dialect),
            How::Children(fetch) => statement(out, &format!("{head}: rows by foreign key"), fetch, dialect),
            How::Pairs(fetch) => statement(out, &format!("{head}: pairs of keys"), fetch, dialect),
            How::Key => writeln!(out, "  {head}: by key"),
            How::ByKey => writeln!(out, "  {head}: by the key given"),
            How::Memory { by, .. } if by.is_empty() => writeln!(out, "  {head}: all rows in memory"),
            How::Memory { .. } => writeln!(out, "  {head}: rows in memory by foreign key"),
            How::MemoryThrough(_) => writeln!(out, "  {head}: rows in memory through a join"),
            How::Loader(loader) => writeln!(out, "  {head}: {}", function(loader)),
        }
    }

    fn slot(&self, layer: LayerId, slot: SlotId) -> String {
        let layer = self.layer(layer);
        self.graph.node(layer.node).member(layer.slots[slot.0 as usize].member).names().rust.clone()
    }

    fn slots(&self, layer: LayerId, slots: &[SlotId]) -> String {
        slots.iter().map(|&slot| self.slot(layer, slot)).collect::<Vec<_>>().join(", ")
    }
}

fn statement(out: &mut String, head: &str, fetch: &Fetch, dialect: Dialect) -> std::fmt::Result {
    writeln!(out, "  {head}\n    {}", fetch.statement.text(dialect))
}

fn function(loader: &Loader) -> String {
    let kind = match loader.run {
        LoaderRun::Pure(_) => "pure",
        LoaderRun::Inline(_) => "inline",
        LoaderRun::Blocking(_) => "blocking",
        LoaderRun::Async(_) => "async",
    };
    format!("{kind} {}", loader.name)
}

fn arguments(args: &[Expr]) -> String {
    if args.is_empty() {
        return String::new();
    }
    let args: Vec<String> = args.iter().map(argument).collect();
    format!("({})", args.join(", "))
}

fn argument(arg: &Expr) -> String {
    match arg {
        Expr::Const(value) => value.to_string(),
        Expr::Absent => "absent".to_owned(),
        Expr::Variable { at, .. } => format!("${at}"),
        Expr::Object(fields) => {
            let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}: {}", argument(value))).collect();
            format!("{{{}}}", fields.join(", "))
        }
        Expr::List(items) => format!("[{}]", items.iter().map(argument).collect::<Vec<_>>().join(", ")),
    }
}
