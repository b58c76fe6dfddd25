//! Reading and writing numbers and byte strings. Little-endian, nothing is aligned.

use crate::error::SyncError;

pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn byte(&mut self, value: u8) -> &mut Self {
        self.raw(&[value])
    }

    pub(crate) fn short(&mut self, value: u16) -> &mut Self {
        self.raw(&value.to_le_bytes())
    }

    pub(crate) fn word(&mut self, value: u32) -> &mut Self {
        self.raw(&value.to_le_bytes())
    }

    pub(crate) fn long(&mut self, value: u64) -> &mut Self {
        self.raw(&value.to_le_bytes())
    }

    pub(crate) fn signed(&mut self, value: i64) -> &mut Self {
        self.raw(&value.to_le_bytes())
    }

    /// Four bytes of length, then the bytes.
    pub(crate) fn bytes(&mut self, value: &[u8]) -> Result<&mut Self, SyncError> {
        let length = u32::try_from(value.len()).map_err(|_| SyncError::Unsealable)?;
        Ok(self.word(length).raw(value))
    }
}

pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], SyncError> {
        let (head, tail) = self.0.split_at_checked(length).ok_or(SyncError::Malformed)?;
        self.0 = tail;
        Ok(head)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], SyncError> {
        self.take(N)?.try_into().map_err(|_| SyncError::Malformed)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, SyncError> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub(crate) fn short(&mut self) -> Result<u16, SyncError> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(crate) fn word(&mut self) -> Result<u32, SyncError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(crate) fn long(&mut self) -> Result<u64, SyncError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub(crate) fn signed(&mut self) -> Result<i64, SyncError> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], SyncError> {
        let length = usize::try_from(self.word()?).map_err(|_| SyncError::Malformed)?;
        self.take(length)
    }

    pub(crate) fn end(&self) -> Result<(), SyncError> {
        if self.0.is_empty() { Ok(()) } else { Err(SyncError::Malformed) }
    }
}
