//! What lies in a home, and was not told by the window.

use crate::World;
use rusqlite::Connection;
use std::path::PathBuf;

/// The folders of a person.
#[derive(Debug, Clone)]
pub struct Home {
    database: PathBuf,
    folders: [PathBuf; 2],
}

impl Home {
    /// The home of that person, and their other files.
    pub fn of(world: &World) -> Self {
        Self { database: world.home().join("twin.db"), folders: [world.home(), world.user("")] }
    }

    /// Makes all that is there as if it had come that many days earlier. The window is closed. The log keeps its
    /// times, which come back with what is folded from it again: after something was forgotten.
    pub fn age(&self, days: i64) {
        let by = days * 24 * 60 * 60 * 1_000;
        let sql = format!(
            "UPDATE message SET created_at = created_at - {by};
             UPDATE memory SET learned_at = learned_at - {by}, ended_at = ended_at - {by};
             UPDATE person SET learned_at = learned_at - {by};"
        );
        self.open().execute_batch(&sql).expect("the database can be written");
    }

    /// How many texts are found by their meaning.
    pub fn vectors(&self) -> i64 {
        self.count("embedding JOIN embedding_vector USING (number)")
    }

    /// Vectors of texts that are no longer there.
    pub fn stray_vectors(&self) -> i64 {
        let subjects = "SELECT id FROM message UNION SELECT id FROM memory";
        self.count(&format!("embedding WHERE subject NOT IN ({subjects})"))
            + self.count("embedding_vector WHERE number NOT IN (SELECT number FROM embedding)")
    }

    /// Answers that are being told, and those that wait to be learned from.
    pub fn in_work(&self) -> i64 {
        self.count("reply_draft") + self.count("learning")
    }

    /// How long the files of the program's own folder are together.
    pub fn bytes(&self) -> u64 {
        let (mut bytes, mut folders) = (0, self.folders[..1].to_vec());
        while let Some(folder) = folders.pop() {
            for entry in fs_err::read_dir(&folder).expect("a folder of the home can be listed") {
                let path = entry.expect("a folder of the home can be listed").path();
                // What is gone by now was for a moment only.
                match fs_err::metadata(&path) {
                    Ok(found) if found.is_dir() => folders.push(path),
                    Ok(found) => bytes += found.len(),
                    Err(_) => {}
                }
            }
        }
        bytes
    }

    fn count(&self, rows: &str) -> i64 {
        let count = self.open().query_row(&format!("SELECT count(*) FROM {rows}"), [], |row| row.get(0));
        count.expect("the database can be read")
    }

    fn open(&self) -> Connection {
        Connection::open(&self.database).expect("the database can be opened")
    }

    /// The files, however deep, with these small letters in them, as bytes or as the two bytes a character in which a web view
    /// keeps its own; capitals are taken for small letters.
    pub fn files_with(&self, text: &str) -> Vec<String> {
        let wide: Vec<u8> = text.bytes().flat_map(|byte| [byte, 0]).collect();
        let mut found = Vec::new();
        let mut folders = self.folders.to_vec();
        while let Some(folder) = folders.pop() {
            for entry in fs_err::read_dir(&folder).expect("a folder of the home can be listed") {
                let path = entry.expect("a folder of the home can be listed").path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(mut bytes) = fs_err::read(&path) {
                    bytes.make_ascii_lowercase();
                    let has = |wanted: &[u8]| bytes.windows(wanted.len()).any(|window| window == wanted);
                    if has(text.as_bytes()) || has(&wide) {
                        found.push(path.display().to_string());
                    }
                }
            }
        }
        found
    }
}
