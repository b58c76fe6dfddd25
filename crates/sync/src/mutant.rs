//! Planted bugs. Each stands where a real one could, and the simulation has to catch it. Without the feature
//! `simulation` there is nothing to plant, and `planted` is `false` for the compiler to take away.

/// What is broken on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each name says what is broken")]
pub enum Mutant {
    SkipPutIdCheck,
    ConfirmWithoutAnswer,
    SealAgainOnRetry,
    PutBeforeKept,
    NonceReused,
    SignatureNotChecked,
    ChainNotChecked,
    CausalHoldSkipped,
    CursorRunsAhead,
    CursorKeptFirst,
    MintDropsPending,
    MintKeepsOldSequence,
    OldEpochForever,
    RevokedStaysRecipient,
    RevokeWithoutNewEpoch,
    RevokedWritesAccepted,
    KeyringRefusalIgnored,
    KeyringRollbackAccepted,
    KeyringProofNotChecked,
    AmendedIsClean,
    ForgetKeepsOldVersions,
    ForgetSkipsRewrite,
    RewriteOverwrites,
    ClampMissing,
    ClampForgetsSeen,
    TiesByArrival,
    RollbackSilent,
    ForkUnnoticed,
    NoBackOff,
    EndlessRetry,
    PayloadInPutId,
    DiskFullIgnored,
    CleanedIsForeign,
    ClosedUnread,
    ForeseenTooEarly,
}

impl Mutant {
    /// Every planted bug.
    pub const ALL: [Self; 35] = [
        Self::SkipPutIdCheck,
        Self::ConfirmWithoutAnswer,
        Self::SealAgainOnRetry,
        Self::PutBeforeKept,
        Self::NonceReused,
        Self::SignatureNotChecked,
        Self::ChainNotChecked,
        Self::CausalHoldSkipped,
        Self::CursorRunsAhead,
        Self::CursorKeptFirst,
        Self::MintDropsPending,
        Self::MintKeepsOldSequence,
        Self::OldEpochForever,
        Self::RevokedStaysRecipient,
        Self::RevokeWithoutNewEpoch,
        Self::RevokedWritesAccepted,
        Self::KeyringRefusalIgnored,
        Self::KeyringRollbackAccepted,
        Self::KeyringProofNotChecked,
        Self::AmendedIsClean,
        Self::ForgetKeepsOldVersions,
        Self::ForgetSkipsRewrite,
        Self::RewriteOverwrites,
        Self::ClampMissing,
        Self::ClampForgetsSeen,
        Self::TiesByArrival,
        Self::RollbackSilent,
        Self::ForkUnnoticed,
        Self::NoBackOff,
        Self::EndlessRetry,
        Self::PayloadInPutId,
        Self::DiskFullIgnored,
        Self::CleanedIsForeign,
        Self::ClosedUnread,
        Self::ForeseenTooEarly,
    ];
}

#[cfg(feature = "simulation")]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Mutant>> = const { std::cell::Cell::new(None) };
}

/// Breaks this thread's copy of the rules, or mends it.
#[cfg(feature = "simulation")]
pub fn plant(mutant: Option<Mutant>) {
    PLANTED.set(mutant);
}

/// What an unbroken program would do.
#[cfg(feature = "simulation")]
pub(crate) fn sound<T>(ask: impl FnOnce() -> T) -> T {
    let mutant = PLANTED.replace(None);
    let answer = ask();
    PLANTED.set(mutant);
    answer
}

#[cfg(feature = "simulation")]
pub(crate) fn planted(mutant: Mutant) -> bool {
    PLANTED.get() == Some(mutant)
}

#[cfg(not(feature = "simulation"))]
pub(crate) const fn planted(_mutant: Mutant) -> bool {
    false
}
