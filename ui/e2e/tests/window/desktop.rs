//! What the program is to the desktop beside its window.

use fantoccini::key::Key;
use twin_e2e::World;
use twin_e2e::given;
use twin_e2e::person::WHOLE_ANSWER;
use twin_e2e::process::{Running, descendants, program};
use twin_e2e::stub::Stub;
use twin_e2e::tray::Tray;

const CONTROL: u32 = 0xffe3;
const ALT: u32 = 0xffe9;
const SPACE: u32 = 0x20;
const ENTER: u32 = 0xff0d;
const ESCAPE: u32 = 0xff1b;

/// Starts the program another time, which leaves it to the first and ends.
async fn start_again(world: &World) {
    let mut again = Running::start(&mut world.command(&given::window()));
    world.until("the second has ended", async |_| (!again.is_running()).then_some(())).await;
}

#[tokio::test]
async fn a_second_start_brings_the_first_window_back_and_ends() {
    let world = World::plan().open().await;
    world.choose_offline().await;
    let screen = world.desktop().screen();
    let [window] = screen.windows()[..] else { panic!("one window") };
    screen.take_away(window);
    world.until("it is away", async |_| screen.windows().is_empty().then_some(())).await;

    start_again(&world).await;
    world.until("it is back", async |_| (screen.windows() == [window]).then_some(())).await;
    world.until("it has the keyboard", async |_| screen.has_focus(window).then_some(())).await;

    // Another home is another twin: it runs beside this one.
    let elsewhere = world.user("another");
    let mut other = Running::start(world.command(&given::window()).env("TWIN_HOME", &elsewhere));
    world.until("there are two windows", async |_| (screen.windows().len() == 2).then_some(())).await;
    assert!(other.is_running());
}

#[tokio::test]
async fn without_a_graphics_card_the_processor_paints_the_page() {
    let world = World::plan().open().await;
    let is_web = |process: &u32| program(*process).is_some_and(|program| program.ends_with("WebKitWebProcess"));
    let web = descendants(world.process()).into_iter().find(is_web).unwrap();
    let environment = fs_err::read(format!("/proc/{web}/environ")).unwrap();
    let told = environment.split(|byte| *byte == 0).any(|variable| variable == b"WEBKIT_SKIA_ENABLE_CPU_RENDERING=1");
    let cards = ["/dev/dri/renderD128", "/dev/nvidiactl"];
    assert_eq!(told, !cards.iter().any(|card| std::path::Path::new(card).exists()));
}

#[tokio::test]
async fn the_window_comes_back_where_it_was_and_as_large() {
    let mut world = World::plan().with_own_frame().open().await;
    world.choose_offline().await;
    let screen = world.desktop().screen();
    let frame = (60, 40, 900, 620);
    let [window] = screen.windows()[..] else { panic!("one window") };
    screen.put(window, frame);
    world
        .until("the page is as wide", async |world| {
            (world.run("return innerWidth", vec![]).await.as_u64()? == 900).then_some(())
        })
        .await;
    world.shut(|| screen.close(window));

    world.open().await;
    world.see("composer").await;
    world
        .until("it stands there again", async |_| (screen.frame(*screen.windows().first()?) == frame).then_some(()))
        .await;
    // And the desktop was told nothing of it: all that is kept is in the home.
    assert!(world.home().join("window/frame.json").is_file());
    assert!(!world.user(".config").exists());
}

#[tokio::test]
async fn without_a_tray_closing_the_window_ends_the_program() {
    let mut world = World::plan().open().await;
    world.choose_offline().await;
    // Asked for, but there is nobody who would show it.
    world.click("open-settings").await;
    world.click("settings-desktop").await;
    world.click("tray").await;
    world.see("tray-trouble").await;

    let screen = world.desktop().screen();
    let [window] = screen.windows()[..] else { panic!("one window") };
    world.shut(|| screen.close(window));
}

#[tokio::test]
async fn in_the_tray_it_outlives_its_window_until_it_is_quit_and_then_nothing_is_left() {
    let world = World::plan().open().await;
    world.choose_offline().await;
    let tray = Tray::start(world.desktop().bus()).await;
    world.click("open-settings").await;
    world.click("settings-desktop").await;
    world.click("tray").await;
    let menu =
        world.until("the icon is in the tray", async |_| tray.menu().await.filter(|menu| !menu.is_empty())).await;
    let labels: Vec<&str> = menu.iter().map(|entry| entry.label.as_str()).collect();
    let pause = "Pause everything in the background";
    assert_eq!(labels, ["Show Digital Twin", "New chat", pause, "Quit"]);
    assert!(world.shown("tray-trouble").await.is_none());

    // The settings and the menu say the same, whichever is used.
    tray.choose(pause).await;
    world.see("background-paused:checked").await;
    world
        .until("the menu bears a mark", async |_| {
            tray.menu().await?.iter().any(|entry| entry.label == pause && entry.checked == Some(true)).then_some(())
        })
        .await;

    let screen = world.desktop().screen();
    let [window] = screen.windows()[..] else { panic!("one window") };
    screen.close(window);
    world.until("the window is hidden", async |_| screen.windows().is_empty().then_some(())).await;
    tray.choose("New chat").await;
    world.until("the window is back", async |_| (!screen.windows().is_empty()).then_some(())).await;
    world.see("greeting").await;
    world.read("toast", "leaves Digital Twin in the tray").await;

    let first = world.process();
    let mut all = descendants(first);
    all.push(first);
    tray.choose("Quit").await;
    world.until("nothing of it is left", async |_| all.iter().all(|one| program(*one).is_none()).then_some(())).await;
}

#[tokio::test]
async fn keys_show_the_quick_window_and_what_is_asked_there_is_among_the_chats() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    world.click("open-settings").await;
    world.click("settings-desktop").await;
    world.click("quick-keys").await;
    world.press(&(Key::Control + &(Key::Alt + " "))).await;
    world.read("quick-keys", "Ctrl").await;
    let screen = world.desktop().screen();
    let [main] = screen.windows()[..] else { panic!("one window") };
    let quick = || screen.windows().into_iter().find(|window| *window != main);

    world.see("quick-keys-row[data-state=held]").await;
    screen.press(&[CONTROL, ALT, SPACE]);
    let window = world.until("the quick window is shown", async |_| quick()).await;
    world.until("it has the keyboard", async |_| screen.has_focus(window).then_some(())).await;
    let page = world.client().window().await.expect("the main page is looked at");
    let quick_page = world.until("it has a page", async |world| {
        world.client().windows().await.ok()?.into_iter().find(|other| *other != page)
    });
    world.client().switch_to_window(quick_page.await).await.expect("the quick page can be looked at");
    world.until("one can write", async |world| world.has_focus("composer").await.then_some(())).await;
    stub.answer("Forty-two.");
    screen.write("what is the answer");
    screen.press(&[ENTER]);
    // Before its end Esc stops the answer.
    world.read(WHOLE_ANSWER, "Forty-two.").await;
    screen.press(&[ESCAPE]);
    world.until("it is hidden", async |_| quick().is_none().then_some(())).await;

    world.client().switch_to_window(page).await.expect("the main page can be looked at");
    world.click("nav-chat").await;
    world.see("session-item").await;
    world.open_newest_session().await;
    world.read("message[data-role=assistant]", "Forty-two.").await;
    assert_eq!(world.texts("message[data-role=user]").await, ["what is the answer"]);

    screen.press(&[CONTROL, ALT, SPACE]);
    world.until("it is shown again", async |_| quick()).await;
}

#[tokio::test]
async fn starting_at_login_is_the_desktops_to_know() {
    let world = World::plan().open().await;
    world.choose_offline().await;
    world.click("open-settings").await;
    world.click("settings-desktop").await;
    world.click("start-at-login").await;
    world.see("start-at-login:checked").await;
    let entries = || fs_err::read_dir(world.user(".config/autostart")).map_or(0, Iterator::count);
    assert_eq!(entries(), 1);
    world.click("start-at-login").await;
    world.see("start-at-login:not(:checked)").await;
    assert_eq!(entries(), 0);

    // Where no icon can bring it back, such a start shows the window like any other.
    let mut other = world.command(&given::window());
    let _other = Running::start(other.arg("--at-login").env("TWIN_HOME", world.user("another")));
    world.until("it is shown", async |world| (world.desktop().screen().windows().len() == 2).then_some(())).await;
}
