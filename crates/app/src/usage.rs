//! What answers cost: tokens as the providers counted them, dollars by a file that the owner can edit.

use crate::error::WireError;
use crate::persona::{cannot_write, write_whole};
use crate::{App, task};
use jiff::ToSpan as _;
use serde::Serialize;
use std::path::PathBuf;
use twin_core::chat::{Message, PathMessage};
use twin_core::error::{Code, Failure};
use twin_core::id::{MessageId, SessionId};
use twin_core::model::{ModelRef, Provider, Usage};
use twin_core::price::{self, PriceFile, PriceProblem};
use twin_core::time::Timestamp;
use twin_core::usage::{ModelSpend, MonthUsage, Spend};

/// Months that are shown.
const MONTHS: usize = 12;

/// Where prices come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PriceView {
    /// The owner's file; it need not be there.
    pub path: String,
    /// Whether the owner's file is used, and not the list that came with the program.
    pub own: bool,
    /// The day on which the prices were looked up.
    pub as_of: String,
    /// Where.
    pub source: String,
    /// What is wrong with the owner's file; then the list that came with the program is used.
    pub problem: Option<PriceProblem>,
}

impl App {
    /// What a session's answers used.
    pub async fn usage_session(&self, session: SessionId) -> Result<Spend, WireError> {
        let store = self.store_of(session);
        let counted = task::store(move || store.usage_by_message(session)).await?;
        let prices = self.prices().await?.0;
        let mut total = Spend::default();
        for (_, model, used) in counted {
            add(&mut total, &self.spend(&prices, &model, used, 1));
        }
        Ok(total)
    }

    /// These messages, each with what it used.
    pub(crate) async fn with_spend(
        &self,
        messages: Vec<(Message, Vec<MessageId>)>,
    ) -> Result<Vec<PathMessage>, WireError> {
        let prices = self.prices().await?.0;
        let messages = messages.into_iter().map(|(message, versions)| {
            let counted = message.model.as_ref().zip(message.usage);
            let spend = counted.map(|(model, used)| self.spend(&prices, model, used, 1));
            PathMessage { message, versions, spend }
        });
        Ok(messages.collect())
    }

    /// The last months in which something was used, the newest first.
    pub async fn usage_months(&self) -> Result<Vec<MonthUsage>, WireError> {
        let store = self.inner.store.clone();
        let Some(first) = task::store(move || store.usage_first()).await? else { return Ok(Vec::new()) };
        let prices = self.prices().await?.0;
        let mut months = Vec::new();
        // It fails at the calendar's own end only.
        let Ok(mut from) = self.now().first_of_month().and_then(|day| day.start_of_day()) else { return Ok(months) };
        let Ok(mut to) = from.checked_add(1.month()) else { return Ok(months) };
        for _ in 0..MONTHS {
            let store = self.inner.store.clone();
            let (since, until) = (timestamp(&from), timestamp(&to));
            let by_model = task::store(move || store.usage_between(since, until)).await?;
            months.push(self.month(&prices, from.strftime("%Y-%m").to_string(), by_model));
            let Ok(before) = from.checked_sub(1.month()) else { break };
            if since <= first {
                break;
            }
            to = std::mem::replace(&mut from, before);
        }
        months.retain(|month| month.total.answers > 0);
        Ok(months)
    }

    fn month(&self, prices: &PriceFile, month: String, by_model: Vec<(ModelRef, Usage, u32)>) -> MonthUsage {
        let mut total = Spend::default();
        let mut models: Vec<ModelSpend> = by_model
            .into_iter()
            .map(|(model, used, answers)| {
                let spend = self.spend(prices, &model, used, answers);
                add(&mut total, &spend);
                ModelSpend { model, spend }
            })
            .collect();
        models.sort_by(|a, b| {
            b.spend
                .dollars
                .unwrap_or(0.0)
                .total_cmp(&a.spend.dollars.unwrap_or(0.0))
                .then_with(|| a.model.cmp(&b.model))
        });
        MonthUsage { month, total, models }
    }

    fn spend(&self, prices: &PriceFile, model: &ModelRef, usage: Usage, answers: u32) -> Spend {
        // A gateway on this machine may well charge: a row of the owner's comes first.
        let family = self.lessons(model).family.map(ModelRef::bedrock);
        let by_list = prices.price(family.as_ref().unwrap_or(model)).map(|price| price.cost(&usage));
        let dollars = by_list.or_else(|| self.is_on_this_machine(model).then_some(0.0));
        Spend { usage, dollars, answers, unpriced: if dollars.is_none() { answers } else { 0 } }
    }

    fn is_on_this_machine(&self, model: &ModelRef) -> bool {
        match model.provider {
            Provider::Offline => true,
            Provider::Bedrock => false,
            Provider::Openai => {
                let settings = self.settings();
                let server = settings.openai.server(model.server.as_deref());
                server.and_then(|server| url::Url::parse(&server.base_url).ok()).is_some_and(|url| match url.host() {
                    Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
                    Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
                    Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
                    None => false,
                })
            }
        }
    }

    /// Where prices come from.
    pub async fn price_view(&self) -> Result<PriceView, WireError> {
        let (prices, own, problem) = self.prices().await?;
        Ok(PriceView {
            path: self.inner.paths.prices().display().to_string(),
            own,
            as_of: prices.as_of.to_string(),
            source: prices.source,
            problem,
        })
    }

    /// The owner's file, made from the list that came with the program if it is not there yet.
    pub async fn price_file(&self) -> Result<PathBuf, WireError> {
        let path = self.inner.paths.prices();
        task::blocking(move || {
            if path.symlink_metadata().is_err() {
                // Whole or not at all: half of it would stay, and count as the owner's with a mistake in it.
                write_whole(&path, price::DEFAULT.as_bytes())
                    .map_err(|error| cannot_write("the price file could not be written", &error))?;
            }
            Ok(path)
        })
        .await?
    }

    /// The prices in force, whether they are the owner's, and what is wrong with the owner's.
    async fn prices(&self) -> Result<(PriceFile, bool, Option<PriceProblem>), WireError> {
        let path = self.inner.paths.prices();
        let read = task::blocking(move || fs_err::read_to_string(path)).await?;
        let shipped = || {
            PriceFile::parse(price::DEFAULT)
                .map_err(|_| Failure::permanent(Code::Internal, "the list of prices cannot be read", "Report this."))
        };
        match read.as_deref().map(PriceFile::parse) {
            Ok(Ok(prices)) => Ok((prices, true, None)),
            Ok(Err(problem)) => Ok((shipped()?, false, Some(problem))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok((shipped()?, false, None)),
            Err(_) => {
                let message = "the file cannot be read".to_owned();
                let hint = "Check that it is text, and that you may read it.".to_owned();
                Ok((shipped()?, false, Some(PriceProblem { line: 1, column: 1, message, hint })))
            }
        }
    }
}

fn timestamp(moment: &jiff::Zoned) -> Timestamp {
    Timestamp::from_millis(moment.timestamp().as_millisecond())
}

fn add(total: &mut Spend, spend: &Spend) {
    let sum = |a: u32, b: u32| a.saturating_add(b);
    total.usage = Usage {
        input: sum(total.usage.input, spend.usage.input),
        output: sum(total.usage.output, spend.usage.output),
        cache_read: sum(total.usage.cache_read, spend.usage.cache_read),
        cache_write: sum(total.usage.cache_write, spend.usage.cache_write),
    };
    total.dollars = match (total.dollars, spend.dollars) {
        (Some(a), Some(b)) => Some(a + b),
        (a, b) => a.or(b),
    };
    total.answers = sum(total.answers, spend.answers);
    total.unpriced = sum(total.unpriced, spend.unpriced);
}
