use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ledgerline_model::Timestamp;

use super::counts::Seen;
use super::purpose::Purpose;

/// What this process has taken of the budgets and not used yet, and what the platforms told it of them.
#[derive(Default)]
pub struct Budgets(Mutex<Held>);

#[derive(Default)]
struct Held {
    blocks: HashMap<(String, Purpose), Vec<Block>>,
    /// By scope; one for each window.
    seen: HashMap<String, Vec<Seen>>,
}

/// Requests that were taken at `taken_at` and may be used before `until`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Block {
    pub calls: u32,
    pub taken_at: Timestamp,
    pub until: Timestamp,
}

impl Block {
    pub(super) fn is_good(&self, now: Timestamp) -> bool {
        (self.taken_at..self.until).contains(&now)
    }
}

/// Scopes whose left-overs are remembered; those of others are lost, which asks less, never more.
const AT_MOST: usize = 4096;

impl Budgets {
    /// Take so many out of what is held; `None` where there are not enough.
    pub(super) fn take_out(
        &self,
        scope: &str,
        purpose: Purpose,
        calls: u32,
        now: Timestamp,
    ) -> Option<Vec<Block>> {
        let mut held = self.held();
        let blocks = held.blocks.get_mut(&(scope.to_owned(), purpose))?;
        let there: u32 = blocks
            .iter()
            .filter(|block| block.is_good(now))
            .map(|block| block.calls)
            .sum();
        if there < calls {
            return None;
        }
        let mut wanted = calls;
        let mut taken = Vec::new();
        for block in blocks.iter_mut().filter(|block| block.is_good(now)) {
            let part = block.calls.min(wanted);
            if part > 0 {
                taken.push(Block {
                    calls: part,
                    ..*block
                });
                block.calls -= part;
                wanted -= part;
            }
        }
        blocks.retain(|block| block.calls > 0);
        Some(taken)
    }

    /// Everything that is held of it.
    pub(super) fn blocks(&self, scope: &str, purpose: Purpose) -> Vec<Block> {
        let held = self.held();
        let blocks = held.blocks.get(&(scope.to_owned(), purpose));
        blocks.cloned().unwrap_or_default()
    }

    pub(super) fn hold(&self, scope: &str, purpose: Purpose, block: Block) {
        if block.calls == 0 {
            return;
        }
        let mut held = self.held();
        if held.blocks.len() >= AT_MOST {
            held.blocks.clear();
        }
        held.blocks
            .entry((scope.to_owned(), purpose))
            .or_default()
            .push(block);
    }

    /// Nothing of it may be used any more: the platform pauses.
    pub(super) fn drop_scope(&self, scope: &str) {
        self.held().blocks.retain(|(of, _), _| of != scope);
    }

    /// Everything that is held of it, to be given back.
    pub(super) fn drop_blocks(&self, scope: &str, purpose: Purpose) -> Vec<Block> {
        self.held()
            .blocks
            .remove(&(scope.to_owned(), purpose))
            .unwrap_or_default()
    }

    /// Whether it is news that the platform has `all` left.
    pub(super) fn see(&self, scope: &str, seen: Seen, all: u32) -> bool {
        let mut held = self.held();
        if held.seen.len() >= AT_MOST {
            held.seen.clear();
        }
        let windows = held.seen.entry(scope.to_owned()).or_default();
        let known = windows
            .iter()
            .any(|before| before.seconds == seen.seconds && before.left >= all);
        windows.retain(|before| before.seconds != seen.seconds);
        windows.push(seen);
        seen.left >= all && !known
    }

    pub(super) fn seen(&self, scope: &str) -> Vec<Seen> {
        self.held().seen.get(scope).cloned().unwrap_or_default()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
