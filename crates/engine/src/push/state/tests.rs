use ledgerline_model::from_micros;
use ledgerline_model::push::Leg;
use proptest::prelude::*;

use super::*;

const RULES: Rules = Rules {
    hold: Duration::from_secs(60),
    poll: Duration::from_secs(10),
    most_sends: 3,
};

fn at(seconds: i64) -> Timestamp {
    from_micros(seconds * 1_000_000)
}

fn fresh() -> ItemLeg {
    ItemLeg::new("t", Leg::Expense)
}

fn prepared(key: &str, fence: i64) -> Event {
    Event::Prepared {
        key: Key::stored(key.into()),
        prepared: "{}".into(),
        books: BooksOf {
            platform: "xero".into(),
            organisation: "org".into(),
        },
        fence,
        verify: false,
    }
}

/// Where these events lead, each at its second, and the effects of the last one.
fn walk(events: impl IntoIterator<Item = (i64, Event)>) -> (ItemLeg, Vec<Effect>) {
    let mut leg = fresh();
    let mut effects = Vec::new();
    for (second, event) in events {
        (leg, effects) = step(&leg, event, &RULES, at(second));
    }
    (leg, effects)
}

fn lost() -> Event {
    Event::Answered(Answer::Unknown("lost".into()))
}

#[test]
fn it_is_sent_once_its_intent_is_stored_and_by_whoever_stored_it() {
    let (leg, effects) = walk([(0, prepared("k", 7))]);
    assert_eq!((leg.state, effects), (LegState::Intent, vec![Effect::Commit]));
    assert_eq!(
        step(&leg, Event::Committed { fence: 7 }, &RULES, at(0)).1,
        [Effect::Send]
    );
    assert_eq!(step(&leg, Event::Committed { fence: 8 }, &RULES, at(0)).1, []);
}

#[test]
fn who_is_told_to_ask_later_holds_no_shorter_for_it() {
    let mut leg = fresh();
    leg.state = LegState::Unknown;
    leg.searches = 1;
    leg.hold_until = Some(at(100));
    let later = |until| Event::AskLater {
        until: at(until),
        message: "later".into(),
    };
    assert_eq!(step(&leg, later(50), &RULES, at(40)).0.hold_until, Some(at(100)));
    assert_eq!(step(&leg, later(150), &RULES, at(40)).0.hold_until, Some(at(150)));
}

#[test]
fn an_answer_settles_it() {
    for (answer, state) in [
        (Answer::Posted("{}".into()), LegState::Posted),
        (Answer::Pending("p".into()), LegState::Pending),
        (Answer::Rejected("no".into()), LegState::Rejected),
        (Answer::Unknown("?".into()), LegState::Unknown),
        (
            Answer::NotSent {
                until: at(9),
                message: "away".into(),
            },
            LegState::Accepted,
        ),
    ] {
        let (leg, _) = walk([(0, prepared("k", 7)), (1, Event::Answered(answer))]);
        assert_eq!(leg.state, state);
    }
}

#[test]
fn whoever_finds_an_intent_of_another_job_takes_it_for_unknown() {
    let (leg, _) = walk([(0, prepared("k", 7)), (1, Event::Recovered { fence: 7 })]);
    assert_eq!(leg.state, LegState::Intent);
    let (leg, _) = walk([(0, prepared("k", 7)), (1, Event::Recovered { fence: 8 })]);
    assert_eq!((leg.state, leg.hold_until), (LegState::Unknown, Some(at(61))));
}

#[test]
fn two_searches_a_hold_apart_and_the_same_key_again() {
    let (leg, effects) = walk([
        (0, prepared("k", 7)),
        (1, lost()),
        // Too early: it may still be under way.
        (60, Event::Absent { fence: 7 }),
        (60, Event::Due { fence: 7 }),
    ]);
    assert_eq!((leg.searches, effects), (0, vec![]));
    let (leg, effects) = walk([
        (0, prepared("k", 7)),
        (1, lost()),
        (61, Event::Absent { fence: 7 }),
        (100, Event::Absent { fence: 7 }),
        (121, Event::Absent { fence: 9 }),
    ]);
    assert_eq!((leg.state, effects), (LegState::Intent, vec![Effect::Commit]));
    assert_eq!(leg.key, Some(Key::stored("k".into())));
    assert_eq!((leg.sends, leg.fence, leg.revision), (2, Some(9), 0));
}

#[test]
fn what_is_never_answered_and_never_found_is_not_in_the_books() {
    let mut leg = walk([(0, prepared("k", 7)), (1, lost())]).0;
    let mut now = 1;
    let mut sends = vec![leg.sends];
    while leg.state == LegState::Unknown {
        assert!(now < 3600, "{leg:?}");
        now += 60;
        leg = step(&leg, Event::Absent { fence: 7 }, &RULES, at(now)).0;
        if leg.state == LegState::Intent {
            sends.push(leg.sends);
            leg = step(&leg, lost(), &RULES, at(now)).0;
        }
    }
    assert_eq!(sends, (1..=RULES.most_sends).collect::<Vec<_>>());
    // Two searches, a hold apart, after each.
    assert_eq!(now, 1 + 60 * 2 * RULES.most_sends);
    assert_eq!((leg.state, leg.hold_until), (LegState::Rejected, None));
    let message = leg.message.as_deref().unwrap_or_default();
    assert!(
        message.starts_with("It is not in the books: it was sent 3 times"),
        "{message}"
    );
    // Whoever asks again makes another write of it.
    let (leg, _) = step(&leg, Event::Admitted, &RULES, at(now));
    assert_eq!((leg.state, leg.revision, leg.sends), (LegState::Accepted, 1, 0));
}

#[test]
fn somebody_has_to_look_only_where_nothing_can_be_searched() {
    let message = "no search".to_owned();
    let (leg, _) = walk([
        (0, prepared("k", 7)),
        (1, lost()),
        (61, Event::CannotSearch { message }),
    ]);
    assert_eq!(leg.state, LegState::NeedsReview);
    // Whoever asks again has it searched for again, and not sent before that.
    let (leg, _) = step(&leg, Event::Admitted, &RULES, at(99));
    assert_eq!((leg.state, leg.searches), (LegState::Unknown, 0));
}

#[test]
fn a_definite_refusal_makes_the_next_send_another_write() {
    let (leg, _) = walk([
        (0, prepared("k", 7)),
        (1, Event::Answered(Answer::Rejected("no".into()))),
        (2, Event::Admitted),
    ]);
    assert_eq!((leg.state, leg.revision, leg.key), (LegState::Accepted, 1, None));
    // One that was never sent is the same write still.
    let message = "no account".to_owned();
    let (leg, _) = walk([(0, Event::Refused { message }), (1, Event::Admitted)]);
    assert_eq!((leg.state, leg.revision), (LegState::Accepted, 0));
}

#[test]
fn what_a_restored_store_may_have_forgotten_is_searched_for_first() {
    let Event::Prepared {
        key,
        prepared,
        books,
        fence,
        ..
    } = prepared("k", 7)
    else {
        panic!("it is prepared");
    };
    let event = Event::Prepared {
        key,
        prepared,
        books,
        fence,
        verify: true,
    };
    let (leg, _) = walk([(0, event)]);
    assert_eq!((leg.state, leg.sends), (LegState::Unknown, 0));
    assert_eq!(
        step(&leg, Event::Due { fence: 7 }, &RULES, at(0)).1,
        [Effect::Search]
    );
    let (leg, _) = step(&leg, Event::Absent { fence: 7 }, &RULES, at(0));
    assert_eq!((leg.state, leg.sends), (LegState::Intent, 1));
}

#[test]
fn an_update_is_another_write_of_what_is_posted() {
    let posted = || Event::Answered(Answer::Posted("{1}".into()));
    let (leg, _) = walk([(0, prepared("k", 7)), (1, posted()), (2, Event::Updated)]);
    assert_eq!((leg.state, leg.revision), (LegState::Accepted, 1));
    assert_eq!(leg.posted.as_deref(), Some("{1}"));
    assert_eq!(leg.operation, Operation::Update);
    // What is not posted cannot be changed.
    let (leg, _) = walk([(0, Event::Updated)]);
    assert_eq!(leg.operation, Operation::Create);
}

/// Anything that a driver, a crash, an app or a platform might say, in any order.
fn any_event() -> impl Strategy<Value = Event> {
    let fence = 1..4_i64;
    prop_oneof![
        Just(Event::Admitted),
        Just(Event::Updated),
        Just(Event::Refused { message: "no".into() }),
        (fence.clone(), any::<bool>()).prop_map(|(fence, verify)| Event::Prepared {
            // The driver makes it of the revision: here it is filled in.
            key: Key::stored(String::new()),
            prepared: "{}".into(),
            books: BooksOf {
                platform: "xero".into(),
                organisation: "org".into(),
            },
            fence,
            verify,
        }),
        fence.clone().prop_map(|fence| Event::Committed { fence }),
        fence.clone().prop_map(|fence| Event::Recovered { fence }),
        Just(Event::Answered(Answer::Posted("{}".into()))),
        Just(Event::Answered(Answer::Pending("p".into()))),
        Just(Event::Answered(Answer::Rejected("no".into()))),
        (0..200_i64).prop_map(|until| Event::Answered(Answer::NotSent {
            until: at(until),
            message: "away".into()
        })),
        Just(lost()),
        fence.clone().prop_map(|fence| Event::Absent { fence }),
        Just(Event::CannotSearch { message: "no".into() }),
        (0..200_i64).prop_map(|until| Event::AskLater {
            until: at(until),
            message: "later".into()
        }),
        fence.prop_map(|fence| Event::Due { fence }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn whatever_happens_nothing_is_sent_that_may_be_in_the_books(
        events in prop::collection::vec((any_event(), 0..90_i64), 1..60)
    ) {
        let mut leg = fresh();
        let mut now = 0;
        // What the store has of it, and under which fence.
        let mut stored = leg.clone();
        let mut absences: Vec<i64> = Vec::new();
        for (event, passed) in events {
            now += passed;
            let event = match event {
                Event::Prepared { prepared, books, fence, verify, .. } => Event::Prepared {
                    key: Key::stored(format!("{}-{}", leg.operation.key(), leg.revision)),
                    prepared, books, fence, verify,
                },
                other => other,
            };
            let is_update = event == Event::Updated;
            let is_review = event == Event::Admitted && leg.state == LegState::NeedsReview;
            let cannot_search = matches!(event, Event::CannotSearch { .. });
            let is_absence = matches!(event, Event::Absent { .. });
            let (next, effects) = step(&leg, event, &RULES, at(now));

            // Posted is final, but for an update.
            if leg.state == LegState::Posted && !is_update {
                prop_assert_eq!(&next, &leg);
            }
            // What may be in the books keeps key and revision.
            if leg.state.is_in_doubt() || leg.state == LegState::NeedsReview {
                // Somebody has to look only where it cannot be searched for.
                let is_lost = next.state == LegState::NeedsReview && leg.state != LegState::NeedsReview;
                prop_assert!(!is_lost || cannot_search);
                prop_assert_eq!(&next.key, &leg.key);
                prop_assert_eq!(next.revision, leg.revision);
            }
            // A send follows an intent that was stored by the same fence.
            if effects.contains(&Effect::Send) {
                prop_assert_eq!(&stored, &leg);
                prop_assert_eq!(stored.state, LegState::Intent);
                prop_assert!(leg.key.is_some() && leg.prepared.is_some());
            }
            // What left a doubt is intended again only after two searches, a hold apart.
            if next.state == LegState::Unknown && (leg.state != LegState::Unknown || is_review) {
                let keeps = leg.state == LegState::Intent && next.searches >= SEARCHES;
                if !keeps {
                    absences = if next.sends == 0 { vec![i64::MIN / 2] } else { Vec::new() };
                }
            }
            if is_absence && next != leg {
                absences.push(now);
            }
            if leg.state == LegState::Unknown && next.state == LegState::Intent {
                prop_assert!(absences.len() >= 2, "{:?}", absences);
                let apart = absences[absences.len() - 1] - absences[absences.len() - 2];
                prop_assert!(apart >= 60, "{:?}", absences);
                prop_assert!(next.sends <= RULES.most_sends);
            }
            // Nor is it given up before.
            if leg.state == LegState::Unknown && next.state == LegState::Rejected {
                prop_assert!(absences.len() >= 2, "{:?}", absences);
                let apart = absences[absences.len() - 1] - absences[absences.len() - 2];
                prop_assert!(apart >= 60, "{:?}", absences);
            }
            // Nothing that left Accepted comes back to it by itself, unless it was never sent.
            if next.state == LegState::Accepted && leg.state == LegState::Intent {
                prop_assert_eq!(next.sends, 0);
            }
            leg = next;
            if effects.contains(&Effect::Commit) || leg.state != LegState::Intent {
                stored = leg.clone();
            }
        }
    }
}
