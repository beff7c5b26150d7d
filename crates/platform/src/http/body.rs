use std::io::Write;

use bytes::Bytes;
use flate2::write::MultiGzDecoder;

/// So many times larger than it came, an answer is none that a platform means to send.
const MAX_RATIO: usize = 100;
/// Up to so many bytes the ratio says nothing.
const FREE: usize = 1024 * 1024;
/// Unpacked at a time: 1032 times larger at most (RFC 1951), before it is looked at.
const PIECE: usize = 4096;

/// Why an answer is not read on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unfit {
    /// It has more bytes than are taken.
    TooLarge,
    /// It unpacks to more than [`MAX_RATIO`] times of what came.
    Bomb,
    /// It is not packed as it says, or stops in its middle.
    Broken,
}

/// The body of an answer as it comes, plain or packed.
pub(super) struct Body {
    content: Content,
    longest: usize,
    /// Bytes as they came.
    came: usize,
}

enum Content {
    Plain(Vec<u8>),
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
}

impl Body {
    pub(super) fn new(is_gzip: bool, announced: usize, longest: usize) -> Self {
        // Known beforehand, it is not copied as it grows.
        let content = match is_gzip {
            true => Content::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
            false => Content::Plain(Vec::with_capacity(announced.min(longest))),
        };
        Self {
            content,
            longest,
            came: 0,
        }
    }

    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<(), Unfit> {
        for piece in chunk.chunks(PIECE) {
            self.came += piece.len();
            let unpacked = match &mut self.content {
                Content::Plain(body) => {
                    body.extend_from_slice(piece);
                    body.len()
                }
                Content::Gzip(unpacking) => {
                    unpacking.write_all(piece).map_err(|_| Unfit::Broken)?;
                    unpacking.get_ref().len()
                }
            };
            if unpacked > self.longest {
                return Err(Unfit::TooLarge);
            }
            if unpacked > FREE.max(self.came.saturating_mul(MAX_RATIO)) {
                return Err(Unfit::Bomb);
            }
        }
        Ok(())
    }

    /// All has come.
    pub(super) fn end(self) -> Result<Bytes, Unfit> {
        let body = match self.content {
            Content::Plain(body) => body,
            // An answer to HEAD, or a 304, says how it would have been packed and has nothing.
            Content::Gzip(_) if self.came == 0 => Vec::new(),
            Content::Gzip(unpacking) => (*unpacking).finish().map_err(|_| Unfit::Broken)?,
        };
        if body.len() > self.longest {
            return Err(Unfit::TooLarge);
        }
        Ok(body.into())
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const LONGEST: usize = 64 * 1024 * 1024;

    fn packed(content: &[u8]) -> Vec<u8> {
        let mut packing = GzEncoder::new(Vec::new(), Compression::best());
        packing.write_all(content).unwrap();
        packing.finish().unwrap()
    }

    fn read(is_gzip: bool, sent: &[u8]) -> Result<Bytes, Unfit> {
        let mut body = Body::new(is_gzip, sent.len(), LONGEST);
        for chunk in sent.chunks(10_000) {
            body.push(chunk)?;
        }
        body.end()
    }

    /// Does not pack well.
    fn noise(bytes: usize) -> Vec<u8> {
        let mut state = 7_u32;
        std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .take(bytes)
        .collect()
    }

    #[test]
    fn what_was_packed_comes_out_as_it_was() {
        let content = noise(300_000);
        assert_eq!(read(true, &packed(&content)).unwrap(), content);
        assert_eq!(read(false, &content).unwrap(), content);
        // As one file may follow another (RFC 1952 2.2).
        let two = [packed(b"{}"), packed(b"[]")].concat();
        assert_eq!(read(true, &two).unwrap().as_ref(), b"{}[]");
        assert_eq!(read(true, b"").unwrap().as_ref(), b"");
    }

    #[test]
    fn a_small_answer_may_be_packed_as_well_as_it_can_be() {
        let spaces = vec![b' '; FREE];
        assert!(packed(&spaces).len() * MAX_RATIO < FREE);
        assert_eq!(read(true, &packed(&spaces)).unwrap(), spaces);
    }

    #[test]
    fn an_answer_that_grows_a_hundred_times_is_given_up_long_before_it_is_too_large() {
        let spaces = vec![b' '; 4 * FREE];
        let mut body = Body::new(true, 0, LONGEST);
        assert_eq!(body.push(&packed(&spaces)), Err(Unfit::Bomb));
        assert_eq!(read(true, &packed(&vec![b' '; 2 * LONGEST])), Err(Unfit::Bomb));
        // Ninety times is no bomb.
        let mixed = [noise(50_000), vec![b' '; 4_000_000]].concat();
        assert_eq!(read(true, &packed(&mixed)).unwrap(), mixed);
    }

    #[test]
    fn what_is_larger_than_is_taken_or_packed_wrong_is_refused() {
        let mut body = Body::new(false, 0, 10);
        assert_eq!(body.push(b"0123456789"), Ok(()));
        assert_eq!(body.push(b"x"), Err(Unfit::TooLarge));
        let mut body = Body::new(true, 0, 10);
        let pushed = body.push(&packed(b"0123456789x"));
        assert_eq!(pushed.and_then(|()| body.end().map(drop)), Err(Unfit::TooLarge));
        let content = packed(&noise(10_000));
        let (half, _) = content.split_at(5_000);
        assert_eq!(read(true, half), Err(Unfit::Broken));
        assert_eq!(read(true, b"{}"), Err(Unfit::Broken));
    }
}
