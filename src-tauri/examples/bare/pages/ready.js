// The same signal that the window gives once its composer is usable, from a page with nothing else on it.
document.querySelector("textarea").focus();
window.__TAURI_INTERNALS__.invoke("window_ready");
