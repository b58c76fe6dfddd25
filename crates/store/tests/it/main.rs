//! The store from outside, on real files and with real processes.

#[cfg(test)]
mod attachment;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod branch;
#[cfg(test)]
mod child;
#[cfg(test)]
mod cipher;
#[cfg(test)]
mod copy;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod embedding;
#[cfg(test)]
mod filing;
#[cfg(test)]
mod find;
#[cfg(test)]
mod forget;
#[cfg(test)]
mod in_memory;
#[cfg(test)]
mod learning;
#[cfg(test)]
mod lesson;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod merge;
#[cfg(test)]
mod path;
#[cfg(test)]
mod play;
#[cfg(test)]
mod process;
#[cfg(test)]
mod rebuild;
#[cfg(test)]
mod recall;
#[cfg(test)]
mod refusal;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod session;
#[cfg(test)]
mod setting;
#[cfg(test)]
mod support;
#[cfg(test)]
mod sync;
#[cfg(test)]
mod turn;
#[cfg(test)]
mod usage;
