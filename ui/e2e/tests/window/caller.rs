//! Who may call the commands: the program's two windows, on the program's own page. Every other caller is let in on purpose, past
//! all that stands before it (`src-tauri/examples/undefended.rs`), and is refused before a command sees the call.

use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use twin_e2e::stub::Stub;
use twin_e2e::{World, command, given};

/// A page of somebody else, at an origin of its own; the port.
fn somebody_else() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let page = "<!doctype html><title>x</title><p>A page of somebody else.";
            // What was asked is of no interest; it is read, so that the connection is not reset.
            let _ = stream.read(&mut [0; 4096]);
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{page}",
                page.len()
            );
        }
    });
    port
}

/// What reached a command so far.
fn reached(world: &World) -> Vec<String> {
    let written = fs_err::read_to_string(world.home().with_file_name("reached")).unwrap();
    written.lines().map(str::to_owned).collect()
}

/// Calls every command as Tauri's own page does; what came back for each: `refused`, or else what it was.
const CALL: &str = "
    const [commands, done] = [arguments[0], arguments[arguments.length - 1]];
    const call = (command) => window.__TAURI_INTERNALS__.invoke(command, {})
        .then((given) => 'gave ' + JSON.stringify(given), (error) => /not allowed/.test(error) ? 'refused' : 'failed ' + JSON.stringify(error));
    Promise.all(commands.map(call)).then((all) => done(all.map((what, at) => [commands[at], what])));";

/// Calls every command as a page does that was given nothing to call them with: by the address, with a key and without, and by the
/// message that is the other way.
const ASK: &str = "
    const [commands, stolen, done] = [arguments[0], arguments[1], arguments[arguments.length - 1]];
    const body = JSON.stringify({ sessionId: 'x', path: 'x', audience: 'owner' });
    const ask = (command, key) => {
        const headers = { 'Content-Type': 'application/json', 'Tauri-Callback': '1', 'Tauri-Error': '2', 'Tauri-Invoke-Key': key };
        return fetch('ipc://localhost/' + command, { method: 'POST', body, headers })
            .then(async (answer) => {
                const text = await answer.text();
                return answer.status === 500 || /not allowed/.test(text) ? 'refused' : answer.status + ' ' + text;
            }, () => 'refused');
    };
    const send = (command) => {
        const message = { cmd: command, callback: 1, error: 2, payload: {}, __TAURI_INVOKE_KEY__: 'guessed' };
        window.webkit?.messageHandlers?.ipc?.postMessage(JSON.stringify(message));
        // A wrong key is not answered at all.
        ask(command, 'guessed');
    };
    commands.forEach(send);
    const asked = commands.map((command) => ask(command, stolen).then((what) => [command, what]));
    Promise.all(asked).then((all) => done({
        internals: typeof window.__TAURI_INTERNALS__, origin: self.origin, all }));";

/// What the page itself calls with, seen as it leaves: a frame that has it, too, is refused for what it is.
const KEY: &str = "
    const done = arguments[arguments.length - 1];
    const fetched = window.fetch;
    window.fetch = (what, how) => {
        done(new Headers(how.headers).get('Tauri-Invoke-Key'));
        window.fetch = fetched;
        return fetched(what, how);
    };
    window.__TAURI_INTERNALS__.invoke('server_presets');";

fn assert_refused(who: &str, answers: &Value) {
    let every: Vec<Value> = command::all().into_iter().map(|name| json!([name, "refused"])).collect();
    let answers = answers.as_array().unwrap_or_else(|| panic!("{who}: {answers}"));
    for (answer, refused) in answers.iter().zip(&every) {
        assert_eq!(answer, refused, "{who}");
    }
    assert_eq!(answers.len(), every.len(), "{who}");
}

#[tokio::test]
async fn no_command_answers_another_frame_window_or_origin() {
    let commands = command::all();
    assert!(commands.len() > 100, "{}", commands.len());
    let elsewhere = format!("http://127.0.0.1:{}/", somebody_else());
    let world = World::plan().with_program(given::undefended()).open().await;
    let client = world.client();
    let page = client.window().await.unwrap();
    // The page itself: what is refused below is refused to others, and not because nothing answers.
    let own = client.execute_async(CALL, vec![json!(["bootstrap", "export_list"])]).await.unwrap();
    assert!(own[0][1].as_str().unwrap().starts_with("gave {"), "{own}");
    assert_eq!(own[1], json!(["export_list", "gave []"]));
    let key = client.execute_async(KEY, vec![]).await.unwrap();
    assert!(key.as_str().unwrap().len() > 10, "{key}");
    let called = reached(&world);
    assert_eq!(called, ["bootstrap", "export_list", "server_presets"]);

    let frames = [
        ("src", elsewhere.clone()),
        ("src", "data:text/html,<p>A page in an address".to_owned()),
        ("sandboxed", "<p>A page in a page".to_owned()),
        ("blob", "<p>A page in a file".to_owned()),
    ];
    for (kind, what) in frames {
        let put = "
            const [kind, what] = arguments;
            const frame = document.createElement('iframe');
            if (kind !== 'src') frame.sandbox = 'allow-scripts';
            if (kind === 'sandboxed') frame.srcdoc = what;
            else frame.src = kind === 'blob' ? URL.createObjectURL(new Blob([what], { type: 'text/html' })) : what;
            document.body.append(frame);";
        client.execute(put, vec![json!(kind), json!(what)]).await.unwrap();
        let frame = client.find(fantoccini::Locator::Css("iframe:last-of-type")).await.unwrap();
        frame.enter_frame().await.unwrap();
        world
            .until("the frame is there", async |world| {
                let text = world.run("return document.body?.innerText ?? ''", vec![]).await;
                text.as_str()?.contains("A page").then_some(())
            })
            .await;
        let found = client.execute_async(ASK, vec![json!(commands), key.clone()]).await.unwrap();
        let origin = found["origin"].as_str().unwrap();
        assert!(origin == "null" || elsewhere.starts_with(origin), "{kind}: {origin}");
        assert_eq!(found["internals"], "undefined", "{kind}");
        assert_refused(&format!("a frame ({kind} {origin})"), &found["all"]);
        client.enter_parent_frame().await.unwrap();
    }
    assert_eq!(reached(&world), called, "no frame reached a command");

    let other = client.windows().await.unwrap().into_iter().find(|window| *window != page).unwrap();
    client.switch_to_window(other).await.unwrap();
    let answers = client.execute_async(CALL, vec![json!(commands)]).await.unwrap();
    assert_refused("another window of the program", &answers);

    client.switch_to_window(page).await.unwrap();
    client.goto(&elsewhere).await.unwrap();
    world
        .until("it is there", async |world| {
            let origin = world.run("return self.origin", vec![]).await;
            elsewhere.starts_with(origin.as_str()?).then_some(())
        })
        .await;
    let answers = client.execute_async(CALL, vec![json!(commands)]).await.unwrap();
    assert_refused("a page elsewhere that the window went to", &answers);
    assert_eq!(reached(&world), called, "nobody else reached a command");
}

#[tokio::test]
async fn the_window_lets_no_frame_in_and_goes_nowhere() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_offline().await;
    let before = world.run("return location.href", vec![]).await;
    let put = "
        window.came = [];
        addEventListener('message', ({ data }) => window.came.push(data));
        const page = '<script>parent.postMessage(\"in\", \"*\")</script>';
        const frames = [{ src: arguments[0] + '/frame' }, { src: 'data:text/html,' + page }, { srcdoc: page },
            { src: URL.createObjectURL(new Blob([page], { type: 'text/html' })) }, { src: 'javascript:parent.came.push(1)' }];
        for (const frame of frames) document.body.append(Object.assign(document.createElement('iframe'), frame));
        open(arguments[0] + '/window');
        location.href = arguments[0] + '/page';";
    world.run(put, vec![json!(stub.origin())]).await;
    // What would come has come by then: two round trips through the program, and two frames of the page.
    world.twin(&["session", "list", "--json"]);
    world.settled().await;
    assert_eq!(world.run("return window.came", vec![]).await, json!([]));
    assert_eq!(world.run("return location.href", vec![]).await, before);
    let paths = stub.paths();
    assert!(paths.iter().all(|path| path.starts_with("/v1/")), "{paths:?}");
    assert_eq!(world.client().windows().await.unwrap().len(), 1);
}
