//! `twin encryption …`, and the key of a home for every other command.

use crate::Failed;
use crate::output::{Output, remark};
use crate::sync::{confirm, new_passphrase, secret};
use clap::Subcommand;
use std::io::IsTerminal as _;
use twin_app::encryption::{self, EncryptionState, HomeKey, UnlockBy};
use twin_app::error::WireError;
use twin_app::paths::{PASSPHRASE_VARIABLE, Paths};
use twin_app::{App, Parts};
use twin_core::error::{Code, Failure};
use twin_core::secret::Secret;

#[derive(Clone, Copy, Subcommand)]
pub(crate) enum EncryptionCommand {
    /// Whether the database is encrypted, and where its key is
    Status {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Encrypt the database and its backups; the home must not be open elsewhere. Prints the recovery code, once
    On {
        /// Ask for a passphrase at each start instead of keeping the key in the keychain
        #[arg(long)]
        passphrase: bool,
        /// Read that passphrase from the next line of standard input
        #[arg(long, requires = "passphrase")]
        passphrase_stdin: bool,
    },
    /// Decrypt the database and its backups
    Off {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Make another recovery code, which is shown once; the one before opens nothing from then on
    RecoveryCode,
    /// Open a home whose key the keychain has lost by its recovery code, and keep the key there again
    Unlock {
        /// Read the recovery code from the next line of standard input
        #[arg(long)]
        code_stdin: bool,
    },
    /// Another passphrase, for a home that asks for one
    Passphrase {
        /// Read it from the next line of standard input
        #[arg(long)]
        passphrase_stdin: bool,
    },
}

pub(crate) fn run(paths: &Paths, command: EncryptionCommand, output: &Output) -> Result<(), Failed> {
    match command {
        EncryptionCommand::Status { json } => {
            let state = App::encryption_state_closed(paths)?;
            if json {
                output.json(&serde_json::json!({ "state": state }));
            } else {
                output.line(match state {
                    EncryptionState::Off => "The database is not encrypted.",
                    EncryptionState::Keychain => "The database is encrypted; its key is in the keychain.",
                    EncryptionState::Passphrase => {
                        "The database is encrypted; its passphrase is asked for at each start."
                    }
                });
            }
        }
        EncryptionCommand::On { passphrase, passphrase_stdin } => {
            let passphrase = if passphrase { Some(new_passphrase(passphrase_stdin)?) } else { None };
            let (code, _) = encryption::turn_on(paths, &encryption::keychain(), passphrase.as_ref())?;
            show_code(&code, output);
        }
        EncryptionCommand::Off { yes } => {
            let key = key(paths)?;
            confirm(
                yes,
                "The database and its backups will be written as anybody can read them who can read the disk. Type yes to go on.",
            )?;
            encryption::turn_off(paths, &encryption::keychain(), key.as_ref())?;
            output.line("The database is not encrypted any more.");
        }
        EncryptionCommand::RecoveryCode => {
            let key = key(paths)?.ok_or_else(locked)?;
            show_code(&encryption::new_code(paths, &key)?, output);
        }
        EncryptionCommand::Unlock { code_stdin } => {
            let code = secret("Recovery code", code_stdin)?;
            let key = encryption::unlock(paths, &UnlockBy::RecoveryCode { code })?;
            if encryption::kept_in(paths)? == EncryptionState::Passphrase {
                let passphrase = new_passphrase(code_stdin)?;
                encryption::new_passphrase(paths, &key, &passphrase)?;
                output.line("It opens with the new passphrase.");
            } else {
                encryption::keep_again(paths, &encryption::keychain(), &key)?;
                output.line("The key is in the keychain again.");
            }
        }
        EncryptionCommand::Passphrase { passphrase_stdin } => {
            let key = key(paths)?.ok_or_else(locked)?;
            encryption::new_passphrase(paths, &key, &new_passphrase(passphrase_stdin)?)?;
            output.line("Changed.");
        }
    }
    Ok(())
}

/// The key of a home that is not open in this process; somebody is asked for it where nothing else has it.
pub(crate) fn key(paths: &Paths) -> Result<Option<HomeKey>, WireError> {
    if App::encryption_state_closed(paths)? != EncryptionState::Passphrase {
        return encryption::kept_key(paths, &encryption::keychain());
    }
    let passphrase = match Paths::passphrase() {
        Some(passphrase) => passphrase,
        None if std::io::stdin().is_terminal() => {
            Secret::new(rpassword::prompt_password("Passphrase of this home: ").unwrap_or_default())
        }
        None => return Err(locked()),
    };
    encryption::unlock(paths, &UnlockBy::Passphrase { passphrase }).map(Some)
}

/// Opens a home, whatever its key is kept in.
pub(crate) fn open(paths: &Paths) -> Result<App, WireError> {
    let parts = Parts::real(paths.clone());
    match App::encryption_state_closed(paths)? {
        EncryptionState::Passphrase => App::open_with(parts, key(paths)?.as_ref()),
        EncryptionState::Off | EncryptionState::Keychain => App::open(parts),
    }
}

fn locked() -> WireError {
    Failure::permanent(
        Code::HomeLocked,
        "this home is encrypted, and its key is not at hand",
        format!(
            "Set {PASSPHRASE_VARIABLE}, run the command in a terminal, or give the recovery code: twin encryption unlock"
        ),
    )
    .into()
}

fn show_code(code: &Secret<String>, output: &Output) {
    output.line(code.expose());
    remark(
        "This is the recovery code. It opens this home when the keychain is lost or the passphrase forgotten, and is shown only now: write it down, and keep it where this device is not.\n\
         Not encrypted: the persona's files, what a window keeps of unsent drafts, exports, and whatever was on the disk before (a drive may keep it for a while).",
    );
}
