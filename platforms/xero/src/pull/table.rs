use std::sync::Arc;

use ledgerline_model::Decimal;
use ledgerline_platform::Error;
use serde::Deserialize;

use super::envelope::{Envelope, place};

/// A report as a table.
pub(crate) struct Table {
    /// Titles of the columns; the first is that of the names.
    pub header: Vec<String>,
    pub sections: Vec<Section>,
    /// The report as it was sent.
    pub source: Arc<str>,
}

pub(crate) struct Section {
    pub title: String,
    pub rows: Vec<TableRow>,
}

pub(crate) struct TableRow {
    pub account: Option<String>,
    pub name: String,
    cells: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReportWire {
    rows: Vec<RowWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RowWire {
    row_type: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    cells: Vec<CellWire>,
    #[serde(default)]
    rows: Vec<RowWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CellWire {
    #[serde(default)]
    value: String,
    #[serde(default)]
    attributes: Vec<AttributeWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AttributeWire {
    id: String,
    value: String,
}

impl Table {
    pub(super) fn of(envelope: &Envelope<'_>) -> Result<Self, Error> {
        let report = envelope.objects.first();
        let source = report
            .ok_or_else(|| malformed("the answer holds no report".into()))?
            .get();
        let report: ReportWire = serde_json::from_str(source)
            .map_err(|error| malformed(format!("the report is not as documented: {}", place(&error))))?;
        let mut table = Self {
            header: Vec::new(),
            sections: Vec::new(),
            source: source.into(),
        };
        for row in report.rows {
            match row.row_type.as_str() {
                "Header" => table.header = row.cells.into_iter().map(|cell| cell.value).collect(),
                "Section" => {
                    let rows = row.rows.into_iter().filter(|row| row.row_type == "Row");
                    table.sections.push(Section {
                        title: row.title,
                        rows: rows.map(TableRow::of).collect(),
                    });
                }
                // A row outside of any section is a total.
                "Row" => table.sections.push(Section {
                    title: String::new(),
                    rows: vec![TableRow::of(row)],
                }),
                _ => {}
            }
        }
        if table.header.is_empty() {
            return Err(malformed("the report has no header".into()));
        }
        Ok(table)
    }

    /// Where the column with this title stands.
    pub(crate) fn column(&self, title: &str) -> Result<usize, Error> {
        let place = self.header.iter().position(|column| column == title);
        place.ok_or_else(|| malformed(format!("the report has no column `{title}`")))
    }

    /// The lines that an account, or what Xero takes for one, stands behind.
    pub(crate) fn account_rows(&self) -> impl Iterator<Item = &TableRow> {
        let rows = self.sections.iter().flat_map(|section| &section.rows);
        rows.filter(|row| row.account.is_some())
    }

    /// A total that the report states under this name.
    pub(crate) fn total(&self, name: &str, column: usize) -> Result<Option<Decimal>, Error> {
        self.sections
            .iter()
            .flat_map(|section| section.rows.iter().filter(|row| section.is_total(row)))
            .find(|row| row.name == name)
            .map(|row| row.value(column))
            .transpose()
    }
}

impl Section {
    pub(crate) fn is_total(&self, row: &TableRow) -> bool {
        self.title.is_empty() && row.account.is_none()
    }
}

impl TableRow {
    fn of(row: RowWire) -> Self {
        let account = row.cells.iter().flat_map(|cell| &cell.attributes);
        Self {
            account: account
                .clone()
                .find(|attribute| matches!(attribute.id.as_str(), "account" | "accountID"))
                .map(|attribute| attribute.value.clone()),
            name: row
                .cells
                .first()
                .map(|cell| cell.value.clone())
                .unwrap_or_default(),
            cells: row.cells.into_iter().map(|cell| cell.value).collect(),
        }
    }

    /// An empty cell is zero.
    pub(crate) fn value(&self, column: usize) -> Result<Decimal, Error> {
        Ok(self.filled_value(column)?.unwrap_or(Decimal::ZERO))
    }

    pub(crate) fn filled_value(&self, column: usize) -> Result<Option<Decimal>, Error> {
        let Some(text) = self.cells.get(column) else {
            return Err(malformed(format!(
                "the row `{}` is shorter than the header",
                self.name
            )));
        };
        if text.is_empty() {
            return Ok(None);
        }
        let number = text
            .parse()
            .map_err(|_| malformed(format!("`{}` has a cell that is no number", self.name)))?;
        Ok(Some(number))
    }
}

fn malformed(reason: String) -> Error {
    Error::Malformed { reason }
}
