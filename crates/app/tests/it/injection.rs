//! Attacks by whoever writes what the twin reads, against a model that obeys every order that it reads. They are judged by
//! what comes of them, never by what is said: nothing leaves but to the model that the owner configured, no tool does
//! anything, nothing is changed but what was said and what is proposed to the memory (in the name of whoever said it, and
//! undone by clicks), and nothing private reaches a visitor.

mod attack;
mod obeying;
mod plant;
mod world;

use attack::{ATTACKS, CARRIERS, Carrier, ORDERS, TRICKS, attacks, orders_in};
use rstest::rstest;
use std::collections::BTreeSet;
use world::Template;

#[test]
fn every_order_meets_every_trick_and_every_carrier() {
    let all: Vec<_> = CARRIERS.into_iter().flat_map(attacks).collect();
    assert_eq!(all.len(), ATTACKS);
    let name = |part: &dyn std::fmt::Debug| format!("{part:?}");
    let pairs: BTreeSet<_> = all.iter().map(|attack| (name(&attack.order), name(&attack.trick))).collect();
    assert_eq!(pairs.len(), ORDERS.len() * TRICKS.len());
    let carried: BTreeSet<_> = all.iter().map(|attack| (name(&attack.carrier), name(&attack.order))).collect();
    // One of them carries fewer tricks.
    assert!(carried.len() >= (CARRIERS.len() - 1) * ORDERS.len(), "{}", carried.len());
    for attack in all {
        assert_eq!(orders_in(&attack.text("http://127.0.0.1:9/x")), [attack.order], "{attack:?} is understood");
    }
}

#[rstest]
#[tokio::test]
async fn an_attack_has_no_effect(
    #[values(
        Carrier::Markdown,
        Carrier::Text,
        Carrier::Pdf,
        Carrier::Docx,
        Carrier::Facts,
        Carrier::Summary,
        Carrier::Style,
        Carrier::FileName,
        Carrier::PrivateDocument,
        Carrier::Seed,
        Carrier::SeedSpeaker,
        Carrier::Chatgpt,
        Carrier::ChatgptTitle,
        Carrier::Claude,
        Carrier::ClaudeFile,
        Carrier::Archive,
        Carrier::Memory,
        Carrier::SharedMemory,
        Carrier::VisitorSaid,
        Carrier::OwnerPasted,
        Carrier::Attachment,
        Carrier::AttachmentName
    )]
    carrier: Carrier,
) {
    let template = Template::new().await;
    let mut faults = Vec::new();
    for attack in attacks(carrier) {
        let outcome = template.run(attack).await;
        let name = format!("{:?} {:?}", attack.order, attack.trick);
        // An attack that nobody reads shows nothing.
        for (at, expected) in attack.reads().into_iter().enumerate() {
            if outcome.obeyed[at] != expected {
                faults.push(format!("{name}: what was read in the four conversations: {:?}", outcome.obeyed));
                break;
            }
        }
        println!("{carrier:?} {name}: {} requests, obeyed {:?}", outcome.requests, outcome.obeyed);
        faults.extend(outcome.faults.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    assert_eq!(template.lair.called(), 0);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
