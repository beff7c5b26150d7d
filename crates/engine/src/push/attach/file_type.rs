/// What an app may hand over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Accepted {
    /// PDFs and images.
    Receipts,
    /// PDFs, the images that every platform shows, and what office programs write.
    Documents,
}

/// How the name of a file of this type ends, and its media type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct FileType {
    pub extension: &'static str,
    pub content_type: &'static str,
}

const fn file_type(extension: &'static str, content_type: &'static str) -> FileType {
    FileType {
        extension,
        content_type,
    }
}

const PDF: FileType = file_type("pdf", "application/pdf");
const PNG: FileType = file_type("png", "image/png");
const JPEG: FileType = file_type("jpg", "image/jpeg");
const GIF: FileType = file_type("gif", "image/gif");
const TIFF: FileType = file_type("tif", "image/tiff");
const WEBP: FileType = file_type("webp", "image/webp");
const DOC: FileType = file_type("doc", "application/msword");
const XLS: FileType = file_type("xls", "application/vnd.ms-excel");
const DOCX: FileType = file_type(
    "docx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
);
const XLSX: FileType = file_type(
    "xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
);
const TXT: FileType = file_type("txt", "text/plain");
const CSV: FileType = file_type("csv", "text/csv");

impl Accepted {
    /// For people.
    pub const fn names(self) -> &'static str {
        match self {
            Self::Receipts => "PDF, PNG, JPEG, GIF, TIFF, WebP",
            Self::Documents => "JPG, JPEG, PNG, GIF, PDF, DOC, DOCX, XLS, XLSX, TXT, CSV",
        }
    }

    /// What the content says that it is, if it may be that. The name decides only between what looks the same.
    pub(super) fn type_of(self, file_name: &str, content: &[u8]) -> Option<FileType> {
        let seen = by_signature(content);
        match self {
            Self::Receipts => seen,
            Self::Documents => match seen {
                Some(TIFF | WEBP) => None,
                Some(seen) => Some(seen),
                None => document(file_name, content),
            },
        }
    }
}

fn by_signature(content: &[u8]) -> Option<FileType> {
    let known: [(&[u8], FileType); 7] = [
        (b"%PDF-", PDF),
        (b"\x89PNG\r\n\x1a\n", PNG),
        (b"\xff\xd8\xff", JPEG),
        (b"GIF87a", GIF),
        (b"GIF89a", GIF),
        (b"II*\0", TIFF),
        (b"MM\0*", TIFF),
    ];
    if content.starts_with(b"RIFF") && content.get(8..12) == Some(b"WEBP") {
        return Some(WEBP);
    }
    let found = known.into_iter().find(|(magic, _)| content.starts_with(magic));
    found.map(|(_, found)| found)
}

/// How files of Microsoft's older office programs begin, whichever of them wrote it.
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// How an archive begins, which the newer ones are.
const ARCHIVE: &[u8] = b"PK\x03\x04";

fn document(file_name: &str, content: &[u8]) -> Option<FileType> {
    let (_, extension) = file_name.rsplit_once('.')?;
    let has = |part: &[u8]| content.windows(part.len()).any(|window| window == part);
    match extension.to_ascii_lowercase().as_str() {
        "doc" => content.starts_with(COMPOUND).then_some(DOC),
        "xls" => content.starts_with(COMPOUND).then_some(XLS),
        "docx" => (content.starts_with(ARCHIVE) && has(b"word/document")).then_some(DOCX),
        "xlsx" => (content.starts_with(ARCHIVE) && has(b"xl/workbook")).then_some(XLSX),
        "txt" => is_text(content).then_some(TXT),
        "csv" => is_text(content).then_some(CSV),
        _ => None,
    }
}

/// Whether it is text in some encoding whose first half is ASCII.
fn is_text(content: &[u8]) -> bool {
    let is_control = |byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | b'\x0c');
    !content.iter().any(is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_decides_what_a_file_is() {
        let docx = b"PK\x03\x04....word/document.xml....".as_slice();
        let xlsx = b"PK\x03\x04....xl/workbook.xml....".as_slice();
        let compound = [COMPOUND, b"...."].concat();
        for (name, content, receipt, document) in [
            ("a.pdf", b"%PDF-1.7".as_slice(), Some(PDF), Some(PDF)),
            // Whatever it is called.
            ("a.csv", b"\x89PNG\r\n\x1a\n", Some(PNG), Some(PNG)),
            ("a.jpeg", b"\xff\xd8\xff\xe0", Some(JPEG), Some(JPEG)),
            ("a.gif", b"GIF89a", Some(GIF), Some(GIF)),
            ("a.tif", b"II*\0", Some(TIFF), None),
            ("a.webp", b"RIFF....WEBP", Some(WEBP), None),
            ("a.DOC", &compound, None, Some(DOC)),
            ("a.xls", &compound, None, Some(XLS)),
            ("a.exe", &compound, None, None),
            ("a.docx", docx, None, Some(DOCX)),
            ("a.xlsx", xlsx, None, Some(XLSX)),
            ("a.xlsx", docx, None, None),
            ("a.docx", b"PK\x03\x04 of something else", None, None),
            ("a.txt", b"Pens, 42.40\r\n", None, Some(TXT)),
            ("a.csv", b"caf\xe9,1\n", None, Some(CSV)),
            ("a.csv", b"MZ\0\0", None, None),
            ("a.svg", b"<svg/>", None, None),
            ("csv", b"1,2", None, None),
        ] {
            assert_eq!(Accepted::Receipts.type_of(name, content), receipt, "{name}");
            assert_eq!(Accepted::Documents.type_of(name, content), document, "{name}");
        }
    }
}
