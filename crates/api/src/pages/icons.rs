//! Signs, drawn for these pages: 24 by 24, in the colour of the text around them.

use maud::{Markup, PreEscaped};

macro_rules! icons {
    ($($name:ident = $path:literal),* $(,)?) => { $(
        pub fn $name() -> Markup {
            PreEscaped(concat!(
                r#"<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">"#,
                $path,
                "</svg>",
            ).to_owned())
        }
    )* };
}

icons! {
    check = r#"<path d="m5 12.5 4.5 4.5L19 7.5"/>"#,
    cross = r#"<path d="M7 7l10 10M17 7 7 17"/>"#,
    minus = r#"<path d="M7 12h10"/>"#,
    clock = r#"<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>"#,
    question = r#"<path d="M9.2 9.3a2.9 2.9 0 1 1 4.2 2.6c-.9.5-1.4 1-1.4 2M12 17.3v.01"/>"#,
    arrow = r#"<path d="m9.5 6 6 6-6 6"/>"#,
    eye = r#"<path d="M3 12s3.3-6 9-6 9 6 9 6-3.3 6-9 6-9-6-9-6z"/><circle cx="12" cy="12" r="2.6"/>"#,
    pencil = r#"<path d="m4 20 1-4.500L16.500 4a2.100 2.100 0 0 1 3 0l.5.5a2.100 2.100 0 0 1 0 3L8.500 19 4 20zM14 6.500 17.500 10"/>"#,
    lock = r#"<rect x="5" y="10.5" width="14" height="9.5" rx="2.2"/><path d="M8 10.5V8a4 4 0 0 1 8 0v2.5"/>"#,
    cut = r#"<path d="M9 15 6.8 17.2a3 3 0 0 1-4.2-4.2l2.2-2.2M15 9l2.2-2.2a3 3 0 0 1 4.2 4.2L19.2 13.2M9.5 9.5 8 6M14.500 14.500l1.500 3.500"/>"#,
}
