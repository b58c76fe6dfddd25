//! What is wrong with the page as it stands, as the engine lays it out.

use crate::World;
use serde_json::{Value, json};
use std::path::Path;

/// Runs axe on everything that is shown; one line for each violation.
const JUDGE: &str = "
    const done = arguments[0];
    const lines = ({ id, impact, nodes }) =>
        nodes.map(({ html, any }) => `${id} (${impact}): ${html.slice(0, 200)} ${any.map(({ message }) => message).join(' ')}`);
    axe.run(document, { resultTypes: ['violations'] })
        .then(({ violations }) => done(violations.flatMap(lines)), (error) => done([String(error)]));";

/// What cannot be reached or read for want of room: a page wider than the window, a control out of it sideways or with more
/// words than room, unless they are cut off on purpose, with dots, or scroll.
const CRAMPED: &str = "
    const shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const name = (element) => (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 60);
    const told = (element, what) => `${what}: <${element.tagName.toLowerCase()} ${element.dataset.testid ?? ''}> ${name(element)}`;
    const scrolls = (element) => {
        for (let box = element.parentElement; box; box = box.parentElement) {
            if (['auto', 'scroll'].includes(getComputedStyle(box).overflowX) && box.scrollWidth > box.clientWidth) return true;
        }
        return false;
    };
    const found = [];
    for (const page of [document.documentElement, document.body]) {
        if (page.scrollWidth > page.clientWidth) found.push(`the page is ${page.scrollWidth} wide in ${page.clientWidth}`);
    }
    const controls = 'button, a, input, textarea, select, label, h1, h2, h3, [role=option], [role=menuitem], [role=radio]';
    for (const control of document.querySelectorAll(controls)) {
        const { left, right, width, height } = control.getBoundingClientRect();
        // One pixel wide: it is there for those who hear the page.
        if (!shown(control) || width <= 1 || height <= 1 || control.closest('[inert]')) continue;
        if ((left < -1 || right > innerWidth + 1) && !scrolls(control)) found.push(told(control, 'out of the window'));
        const style = getComputedStyle(control);
        const cut = style.overflowX !== 'visible' && style.textOverflow !== 'ellipsis' && !['auto', 'scroll'].includes(style.overflowX);
        if (cut && control.tagName !== 'INPUT' && control.scrollWidth > control.clientWidth + 1) found.push(told(control, 'words cut off'));
    }
    return found;";

impl World {
    /// What axe finds, in the words of axe: contrast, names, roles and the rest.
    pub async fn violations(&self) -> Vec<String> {
        if self.run("return window.axe === undefined", vec![]).await == json!(true) {
            // Asked at run time: compiled in, it would be wrong once the target folder is shared by two checkouts.
            let folder = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
            let axe = fs_err::read_to_string(Path::new(&folder).join("../node_modules/axe-core/axe.min.js"));
            let axe = axe.expect("the UI's packages are installed");
            self.client().execute(&axe, vec![]).await.expect("axe can be put into the page");
        }
        let found = self.client().execute_async(JUDGE, vec![]).await.expect("axe can judge the page");
        texts(&found)
    }

    /// What there is no room for.
    pub async fn cramped(&self) -> Vec<String> {
        texts(&self.client().execute(CRAMPED, vec![]).await.expect("the page can be looked at"))
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
