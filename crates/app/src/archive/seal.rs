//! A passphrase over an archive: an age file (<https://age-encryption.org/v1>) with an scrypt recipient, which other
//! programs open as well.

use super::refuse;
use crate::error::invalid;
use crate::job::Stop;
use age::secrecy::SecretString;
use age::stream::{StreamReader, StreamWriter};
use age::{DecryptError, Decryptor, Encryptor, scrypt};
use std::io::{BufReader, BufWriter, Read, Write};
use twin_core::secret::Secret;

/// How every age file begins.
pub(super) const MAGIC: &[u8] = b"age-encryption.org/v1";

/// 2 to this power is what a guess costs, in rounds; as the age program itself has it. It takes 256 MB for a second.
const WORK: u8 = 18;

/// A file that asks for more than this was made to take hours and all of the memory.
const MOST_WORK: u8 = 20;

/// Where an archive goes to.
pub(super) enum Sink<W: Write> {
    Open(BufWriter<W>),
    Sealed(Box<StreamWriter<BufWriter<W>>>),
}

impl<W: Write> Sink<W> {
    pub(super) fn new(file: W, passphrase: Option<&Secret<String>>) -> Result<Self, Stop> {
        let file = BufWriter::new(file);
        let Some(passphrase) = passphrase else { return Ok(Self::Open(file)) };
        if passphrase.expose().is_empty() {
            return Err(Stop::Failed(invalid("the passphrase is empty", "Choose a passphrase, or none at all.")));
        }
        let mut recipient = scrypt::Recipient::new(SecretString::from(passphrase.expose().clone()));
        recipient.set_work_factor(WORK);
        let sealing = Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
            .map_err(|_| crate::error::internal("the passphrase could not be used"))?;
        let writer = sealing.wrap_output(file).map_err(|error| super::unwritten(&error))?;
        Ok(Self::Sealed(Box::new(writer)))
    }

    /// Without this a sealed file is not whole.
    pub(super) fn finish(self) -> std::io::Result<()> {
        match self {
            Self::Open(mut file) => file.flush(),
            Self::Sealed(writer) => writer.finish()?.flush(),
        }
    }
}

impl<W: Write> Write for Sink<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Open(file) => file.write(bytes),
            Self::Sealed(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Open(file) => file.flush(),
            Self::Sealed(writer) => writer.flush(),
        }
    }
}

/// What was sealed.
pub(super) fn open<R: Read>(
    file: BufReader<R>,
    passphrase: Option<&Secret<String>>,
) -> Result<StreamReader<BufReader<R>>, Stop> {
    let Some(passphrase) = passphrase else {
        return Err(Stop::Failed(invalid("the archive is sealed with a passphrase", "Give its passphrase.")));
    };
    let mut identity = scrypt::Identity::new(SecretString::from(passphrase.expose().clone()));
    identity.set_max_work_factor(MOST_WORK);
    let sealed = Decryptor::new_buffered(file).map_err(|error| refused(&error))?;
    if !sealed.is_scrypt() {
        return Err(refuse(
            "the file is sealed for a key and not with a passphrase",
            "Open it with the age program, then import what comes out.",
        ));
    }
    sealed.decrypt(std::iter::once(&identity as &dyn age::Identity)).map_err(|error| refused(&error))
}

fn refused(error: &DecryptError) -> Stop {
    match error {
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed | DecryptError::NoMatchingKeys => {
            Stop::Failed(invalid("the passphrase does not fit this archive", "Check it, and type it again."))
        }
        DecryptError::ExcessiveWork { .. } => refuse(
            "opening the archive would take more time and memory than a passphrase needs",
            "Make a new archive with this program.",
        ),
        _ => super::read::damaged(),
    }
}
