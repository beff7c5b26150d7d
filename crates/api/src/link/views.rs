//! The link pages as markup; who asks and for whom is given, nothing is looked up here.

use ledgerline_model::connection::Organisation;
use ledgerline_platform::About;
use maud::{Markup, html};
use url::Url;

use super::Ending;
use crate::pages::{self, Page, Policy, Site, icons};

/// Who asks whom for what.
pub struct Scene<'a> {
    pub site: &'a Site,
    pub app: &'a str,
    pub logo: Option<Url>,
    pub company: &'a str,
}

/// What the customer is asked for.
pub struct Asked<'a> {
    /// Those that he can choose from.
    pub platforms: &'a [&'static About],
    /// The consent at one of them covers writing.
    pub writes: bool,
}

/// The first page: what is going to happen, and to which platform the customer wants to connect.
pub fn begin(scene: &Scene<'_>, action: &str, asked: &Asked<'_>, consents: Vec<Url>) -> Page {
    let Asked { platforms, writes } = *asked;
    let only = match platforms {
        [only] => Some(*only),
        _ => None,
    };
    let body = html! {
        header {
            (between(scene, only, html! { @if only.is_some() { (dots()) } }))
            h1 {
                @match only {
                    Some(about) => { "Connect " (about.name) " to " (name(scene.app)) },
                    None => "Connect your accounting software",
                }
            }
            p.lead {
                strong { (name(scene.app)) } " asks to read the accounting data of " strong { (name(scene.company)) }
                @if writes { ", and to write into it." } @else { "." }
            }
        }
        ul.facts {
            li { (icons::eye()) span { "Reads invoices, bills, contacts, accounts, payments and reports." } }
            @if writes {
                li { (icons::pencil()) span { "May also write into the books, such as expenses with their receipts." } }
            }
            li { (icons::lock()) span { "You sign in on the platform’s own page. Your password is never seen here." } }
            li { (icons::cut()) span { "You can cut the connection at any time." } }
        }
        @if only.is_none() { h2 #choose { "Which one do you use?" } }
        form.choices method="post" action=(action) {
            @for about in platforms {
                @if only.is_some() {
                    div.actions {
                        button.button type="submit" name="platform" value=(about.key) {
                            "Continue to " (about.name)
                        }
                    }
                } @else {
                    button.choice type="submit" name="platform" value=(about.key) {
                        (pages::logo(about.logo_svg))
                        span { (about.name) }
                        span.arrow { (icons::arrow()) }
                    }
                }
            }
        }
    };
    let mut page = card(scene, format!("Connect to {}", scene.app), None, body);
    page.policy.forms = consents;
    page
}

/// The consent reaches several organisations: the customer says which one is meant.
pub fn choose(
    scene: &Scene<'_>,
    action: &str,
    about: Option<&'static About>,
    organisations: &[Organisation],
    is_missing: bool,
) -> Page {
    let word = about.map_or("organisation", |about| about.organisation_word);
    let body = html! {
        header {
            (between(scene, about, dots()))
            h1 { "Which " (word) " is it?" }
            p.lead {
                "You gave access to several. Choose the one with the books of " strong { (name(scene.company)) } "."
            }
        }
        @if is_missing {
            p.told role="alert" { "Choose one of them to go on." }
        }
        form method="post" action=(action) {
            fieldset.choices {
                legend.hidden { "Choose the " (word) }
                @for organisation in organisations {
                    label.choice {
                        input type="radio" name="organisation" value=(organisation.id) required;
                        span { (name(&organisation.name)) }
                    }
                }
                div.actions { button.button type="submit" { "Connect" } }
            }
        }
    };
    card(scene, format!("Choose the {word}"), Some("choose"), body)
}

/// How it ended, and what to do next.
pub fn ending(
    scene: &Scene<'_>,
    about: Option<&'static About>,
    ending: &Ending,
    back: Option<&Url>,
    retry: Option<&str>,
) -> Page {
    let story = story(scene, about, ending);
    let is_linked = matches!(ending, Ending::Linked { .. } | Ending::AlreadyLinked { .. });
    let body = html! {
        header {
            (between(scene, about, html! { span.sign.(story.tone) { (story.sign) } }))
            h1 tabindex="-1" { (story.title) }
            p.lead { (story.text) }
        }
        @if let Some(next) = &story.next { p { (next) } }
        @if let Some(told) = &story.told {
            p.told { (told) }
        }
        @let back = back.filter(|_| is_linked || retry.is_none() || story.can_go_back);
        @if back.is_some() || (retry.is_some() && !is_linked) {
            div.actions {
                @if let Some(retry) = retry && !is_linked {
                    a.button href=(retry) { (story.retry) }
                }
                @if let Some(back) = back {
                    a.button.quiet[!is_linked] href=(back) { "Back to " (name(scene.app)) }
                }
            }
        } @else if is_linked {
            p.lead { "You can close this window." }
        }
    };
    let mut page = card(scene, story.title.clone(), Some(ending.outcome()), body);
    page.status = ending.status();
    if let Some(back) = back
        && matches!(ending, Ending::Linked { .. })
    {
        // Long enough to read the page; the button is there for those who do not want to wait.
        page.head = html! { (page.head) meta http-equiv="refresh" content=(format!("8; url={back}")); };
    }
    page
}

/// A page for when it is not known who asks: the link or its session does not exist.
pub fn stranger(site: &Site, ending: &Ending) -> Page {
    let scene = Scene {
        site,
        app: "the app",
        logo: None,
        company: "the company",
    };
    let story = story(&scene, None, ending);
    let body = html! {
        header {
            span.sign.(story.tone) { (story.sign) }
            h1 { (story.title) }
            p.lead { (story.text) }
        }
        @if let Some(next) = &story.next { p { (next) } }
    };
    let mut page = card(&scene, story.title.clone(), Some(ending.outcome()), body);
    page.status = ending.status();
    page
}

struct Story {
    tone: &'static str,
    sign: Markup,
    title: String,
    text: Markup,
    next: Option<Markup>,
    /// The reason, as it was noted with the connection.
    told: Option<String>,
    retry: &'static str,
    can_go_back: bool,
}

fn story(scene: &Scene<'_>, about: Option<&'static About>, ending: &Ending) -> Story {
    let (app, company) = (scene.app, scene.company);
    let platform = scene_platform(about);
    let word = about.map_or("organisation", |about| about.organisation_word);
    let mut story = Story {
        tone: "bad",
        sign: icons::cross(),
        title: String::new(),
        text: html! {},
        next: None,
        told: None,
        retry: "Try again",
        can_go_back: true,
    };
    match ending {
        Ending::Linked { organisation } => {
            story.tone = "good";
            story.sign = icons::check();
            story.title = "Connected".to_owned();
            story.text = html! {
                strong { (name(organisation.as_deref().unwrap_or(company))) } " on " (platform) " is now connected to "
                strong { (name(app)) } ". The first data is on its way."
            };
        }
        Ending::AlreadyLinked { organisation } => {
            story.tone = "good";
            story.sign = icons::check();
            story.title = "Already connected".to_owned();
            story.text = html! {
                strong { (name(organisation.as_deref().unwrap_or(company))) } " is connected to " strong { (name(app)) }
                ". There is nothing to do."
            };
        }
        Ending::Refused => {
            story.tone = "wait";
            story.sign = icons::minus();
            story.title = "Not connected".to_owned();
            story.text = html! { "You did not give " strong { (name(app)) } " access on " (platform) ", so nothing was connected." };
            story.next = Some(html! { "If that was not meant, try again and choose to allow access." });
        }
        Ending::NoOrganisation => {
            story.title = format!("No {word} to connect");
            story.text = html! { "The account that you signed in with on " (platform) " gave access to no " (word) "." };
            story.next = Some(html! {
                "Try again with an account that has the books of " (name(company)) ", and choose the " (word) " when asked."
            });
        }
        Ending::OtherOrganisation { organisation } => {
            story.title = format!("That is another {word}");
            story.text = html! {
                "This connection belongs to "
                @match organisation {
                    Some(other) => strong { (name(other)) },
                    None => { "the " (word) " that was connected first" },
                }
                ", and you gave access to a different one."
            };
            story.next = Some(
                html! { "Try again and choose that " (word) ". To connect a different one, ask " (name(app)) " for a new link." },
            );
        }
        Ending::AlreadyLinkedElsewhere => {
            story.title = format!("This {word} is connected already");
            story.text = html! { "It is connected to " strong { (name(app)) } " under another company." };
            story.next = Some(
                html! { "Choose a different " (word) ", or ask " (name(app)) " to disconnect the other one first." },
            );
        }
        Ending::CompanyBusy => {
            story.title = "There is a connection already".to_owned();
            story.text = html! { strong { (name(company)) } " is connected to other books, and can have one connection at a time." };
            story.next = Some(
                html! { "Ask " (name(app)) " to disconnect the other one first, then open this link again." },
            );
        }
        Ending::Expired => {
            story.tone = "wait";
            story.sign = icons::clock();
            story.title = "This page has expired".to_owned();
            story.text = html! { "It was open for too long, was used already, or belongs to another browser. Nothing was connected." };
            story.next = Some(html! { "Open the link from " (name(app)) " again." });
            story.retry = "Start again";
        }
        Ending::UnknownLink => {
            story.sign = icons::question();
            story.title = "This link does not work".to_owned();
            story.text = html! { "It may have been copied incompletely, or was withdrawn." };
            story.next = Some(html! { "Ask whoever sent it to you for a new one." });
        }
        Ending::Unavailable { reason } => {
            story.tone = "wait";
            story.sign = icons::minus();
            story.title = format!("{platform} cannot be connected here");
            story.text = html! { "This server has not been set up for " (platform) "." };
            story.next =
                Some(html! { "Ask " (name(app)) " to configure it. Nothing is wrong with your account." });
            story.told = reason.clone();
        }
        Ending::Failed { message } => {
            story.title = "That did not work".to_owned();
            story.text =
                html! { "The connection to " (platform) " could not be made. Nothing was connected." };
            story.next = Some(html! { "Try again in a few minutes. If it goes on, tell " (name(app)) "." });
            story.told = message.clone();
        }
    }
    story
}

/// A name that somebody chose, in the direction of its own script: it does not turn the text around it.
fn name(name: &str) -> Markup {
    html! { bdi { (name) } }
}

fn scene_platform(about: Option<&'static About>) -> &'static str {
    about.map_or("the platform", |about| about.name)
}

/// The app and the platform, and what stands between them.
fn between(scene: &Scene<'_>, about: Option<&'static About>, sign: Markup) -> Markup {
    html! {
        div.between {
            (pages::app_mark(scene.app, scene.logo.as_ref()))
            (sign)
            @if let Some(about) = about { (pages::logo(about.logo_svg)) }
        }
    }
}

fn dots() -> Markup {
    html! { span.dots aria-hidden="true" { i {} i {} i {} } }
}

/// `outcome` is for scripts that follow the pages.
fn card(scene: &Scene<'_>, title: String, outcome: Option<&str>, body: Markup) -> Page {
    let body = html! {
        main #main.card { (body) }
        footer { "Connections by Ledgerline" }
    };
    let mut page = Page::new(scene.site, "link", title, body);
    page.head = html! {
        @if let Some(outcome) = outcome { meta name="ledgerline:outcome" content=(outcome); }
    };
    page.policy = Policy {
        images: scene.logo.iter().cloned().collect(),
        ..Policy::default()
    };
    page
}
