use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;

use anyhow::Context;

/// What is inserted of one record; one without a hash is gone.
pub struct Row {
    pub data_type: String,
    pub id: String,
    pub hash: Vec<u8>,
    pub standard: String,
    pub source: String,
}

impl Row {
    pub fn is_gone(&self) -> bool {
        self.hash.is_empty()
    }
}

/// Writes rows, page by page.
pub struct Writer(BufWriter<File>);

impl Writer {
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        Ok(Self(BufWriter::new(File::create(path)?)))
    }

    pub fn page(&mut self, rows: &[Row]) -> anyhow::Result<()> {
        self.number(rows.len())?;
        for row in rows {
            for part in [
                row.data_type.as_bytes(),
                row.id.as_bytes(),
                &row.hash,
                row.standard.as_bytes(),
                row.source.as_bytes(),
            ] {
                self.number(part.len())?;
                self.0.write_all(part)?;
            }
        }
        Ok(())
    }

    pub fn finish(mut self) -> anyhow::Result<()> {
        Ok(self.0.flush()?)
    }

    fn number(&mut self, number: usize) -> anyhow::Result<()> {
        Ok(self.0.write_all(&u32::try_from(number)?.to_le_bytes())?)
    }
}

/// Reads them page by page, as they come from a platform.
pub struct Reader(BufReader<File>);

impl Reader {
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let file = File::open(path).with_context(|| path.display().to_string())?;
        Ok(Self(BufReader::new(file)))
    }

    /// `None` at the end of the file.
    pub fn page(&mut self) -> anyhow::Result<Option<Vec<Row>>> {
        let file = &mut self.0;
        let Some(count) = number(file)? else {
            return Ok(None);
        };
        let mut page = Vec::with_capacity(count);
        for _ in 0..count {
            page.push(Row {
                data_type: text(file)?,
                id: text(file)?,
                hash: part(file)?,
                standard: text(file)?,
                source: text(file)?,
            });
        }
        Ok(Some(page))
    }
}

/// `None` at the end of the file.
fn number(file: &mut impl Read) -> anyhow::Result<Option<usize>> {
    let mut bytes = [0; 4];
    match file.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(usize::try_from(u32::from_le_bytes(bytes))?)),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn part(file: &mut impl Read) -> anyhow::Result<Vec<u8>> {
    let mut bytes = vec![0; number(file)?.context("the file of rows is cut off")?];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn text(file: &mut impl Read) -> anyhow::Result<String> {
    Ok(String::from_utf8(part(file)?)?)
}
