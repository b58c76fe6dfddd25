use crate::testkit::{Home, asking, request, scripted, send, whole};
use twin_app::App;
use twin_core::chat::Audience;
use twin_core::report::{Claim, Source};

const FACTS: &str = "{\n  \"full_name\": \"Nora Lind\",\n  \"name\": \"Nora\",\n  \"location\": \"Cork\"\n}\n";

fn home() -> Home {
    let home = Home::new();
    let persona = home.path().join("persona");
    fs_err::create_dir_all(persona.join("private")).unwrap();
    fs_err::write(persona.join("facts.json"), FACTS).unwrap();
    fs_err::write(persona.join("private").join("health.md"), "# Health\n\nI have a pacemaker since 2019.\n").unwrap();
    home
}

async fn claims(app: &App, told: &crate::testkit::Told) -> Vec<Claim> {
    app.context_claims(told.reply.as_ref().unwrap().id).await.unwrap()
}

#[tokio::test]
async fn a_stored_answer_says_where_its_statements_come_from() {
    let home = home();
    let app = home.open();
    home.answer(whole(
        "I live in Cork. I have a pacemaker since 2019. I play the bassoon. I have nine dogs. May I help?",
    ));
    let told = send(&app, asking("I play the bassoon. What else is there to say?"), scripted()).await.unwrap();

    let claims = claims(&app, &told).await;
    let sources: Vec<Option<&Source>> =
        claims.iter().map(|claim| claim.grounds.first().map(|one| &one.source)).collect();
    let file = |path: &str, line| Source::File { path: path.to_owned(), line };
    assert_eq!(sources[0], Some(&file("facts.json", 4)));
    assert_eq!(sources[1], Some(&file("private/health.md", 3)));
    let question = told.question.as_ref().unwrap().id;
    assert!(matches!(sources[2], Some(Source::Message { message_id, .. }) if *message_id == question));
    assert_eq!((sources[3], sources.len()), (None, 4));
    let report = app.context_report(told.reply.unwrap().id).await.unwrap().unwrap();
    assert_eq!(report.claims, claims);
}

#[tokio::test]
async fn a_visitors_answer_gives_no_private_source_away() {
    let home = home();
    let app = home.open();
    home.answer(whole("Good to know."));
    send(&app, asking("I have a pacemaker since 2019."), scripted()).await.unwrap();
    home.answer(whole("I live in Cork. I have a pacemaker since 2019."));
    let visitor = request(None, Audience::Visitor, "Do you have a pacemaker?");
    let told = send(&app, visitor, scripted()).await.unwrap();

    let claims = claims(&app, &told).await;
    let grounds: Vec<usize> = claims.iter().map(|claim| claim.grounds.len()).collect();
    assert_eq!(grounds, [1, 0]);
    assert!(!serde_json::to_string(&claims).unwrap().contains("pacemaker"));
}

#[tokio::test]
async fn an_offline_answer_names_its_sources_itself() {
    let home = home();
    let app = home.open();
    let offline = "offline".parse::<twin_core::model::ModelRef>().unwrap();
    let told = send(&app, request(None, Audience::Owner, "Where do I live?"), offline).await.unwrap();
    assert!(told.reply.as_ref().unwrap().content.contains("Cork"));
    assert_eq!(claims(&app, &told).await, []);
}
