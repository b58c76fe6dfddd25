/** Puts text where the cursor is as if it were typed, so that undo takes it back; an empty one takes the selection away. */
export function typeText(field: HTMLTextAreaElement, text: string): void {
  field.focus();
  // Old, and the one way that the web view's own undo knows of.
  if (document.execCommand?.(text ? "insertText" : "delete", false, text)) return;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: text ? "insertText" : "deleteContent" }));
}

/** The same below all that is there. */
export function appendText(field: HTMLTextAreaElement, text: string): void {
  field.setSelectionRange(field.value.length, field.value.length);
  typeText(field, field.value.trim() ? `\n${text}` : text);
}
