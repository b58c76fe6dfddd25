/** A file's bytes as base64, which is how the page can hand them to the program. Rejects what cannot be read: a folder, a file that has gone. */
export function readBase64(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = () => reject(reader.error);
    // `data:TYPE;base64,` and then the bytes; an empty file has no comma in some engines.
    reader.onload = () => resolve(String(reader.result).split(",")[1] ?? "");
    reader.readAsDataURL(file);
  });
}
