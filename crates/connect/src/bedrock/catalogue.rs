//! Which models can be called, and how: Bedrock's lists of models and of inference profiles.
//!
//! Source: <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html>,
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html>.

use super::BedrockConfig;
use super::call::{Broken, Call, encoded};
use super::failure;
use super::identity::{CONTROL, Identity, Seal};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use twin_core::catalogue::{ModelEntry, Route};
use twin_core::error::{Code, Failure};
use twin_core::model::{Lessons, ModelRef, Reach};

pub(super) const LIST_MODELS: &str = "bedrock:ListFoundationModels";
pub(super) const LIST_PROFILES: &str = "bedrock:ListInferenceProfiles";
pub(super) const GET_PROFILE: &str = "bedrock:GetInferenceProfile";

/// A page holds a thousand profiles; more pages than this are a server that turns in a circle.
const MAX_PAGES: usize = 20;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Models {
    model_summaries: Vec<Model>,
}

/// Enumerations are texts here: AWS sends values that its own model of the service does not know.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Model {
    #[serde(rename = "modelId")]
    id: String,
    #[serde(rename = "modelName")]
    name: Option<String>,
    provider_name: Option<String>,
    #[serde(default)]
    input_modalities: Vec<String>,
    response_streaming_supported: Option<bool>,
    #[serde(default)]
    inference_types_supported: Vec<String>,
    #[serde(rename = "modelLifecycle")]
    lifecycle: Option<Lifecycle>,
}

#[derive(Deserialize)]
struct Lifecycle {
    status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    inference_profile_summaries: Vec<Profile>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    inference_profile_id: String,
    inference_profile_arn: String,
    inference_profile_name: Option<String>,
    /// `SYSTEM_DEFINED` or `APPLICATION`.
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    models: Vec<ProfileModel>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProfileModel {
    model_arn: Option<String>,
}

/// Everything that Bedrock lists.
pub(super) struct Lists {
    models: Vec<Model>,
    system: Vec<Profile>,
    application: Vec<Profile>,
    /// Why the profiles are missing, where the identity may not list them.
    pub(super) denied: Option<Failure>,
}

impl Lists {
    /// An identity that may list the models but not the profiles still gets the models.
    pub(super) async fn ask(control: &Control<'_>) -> Result<Self, Failure> {
        let models: Models = control.get("/foundation-models?byOutputModality=TEXT", LIST_MODELS).await?;
        let mut denied = None;
        let mut unless_denied = |profiles: Result<Vec<Profile>, Failure>| match profiles {
            Err(failure) if failure.code == Code::AccessDenied => {
                denied = Some(failure);
                Ok(Vec::new())
            }
            other => other,
        };
        let system = unless_denied(control.profiles("SYSTEM_DEFINED").await)?;
        let application = unless_denied(control.profiles("APPLICATION").await)?;
        Ok(Self { models: models.model_summaries, system, application, denied })
    }

    pub(super) fn entries(&self, region: &str, allowed: Reach) -> Vec<ModelEntry> {
        let models = self.models.iter().filter_map(|model| {
            let routes = self.routes(&model.id, region);
            let called = chosen(&routes, allowed).or_else(|| routes.first())?.id.clone();
            Some(entry(called, model, model.name().to_owned(), routes))
        });
        let application = self.application.iter().filter_map(|profile| {
            let base = profile.base()?;
            let route = profile.route(profile.inference_profile_arn.clone(), self.area(profile));
            let family = self.models.iter().find(|model| model.id == base);
            let family_name = family.map_or(base, Model::name);
            let name = match &profile.inference_profile_name {
                Some(name) => format!("{name} ({family_name})"),
                None => family_name.to_owned(),
            };
            let unknown = Model::unknown(base);
            Some(entry(route.id.clone(), family.unwrap_or(&unknown), name, vec![route]))
        });
        models.chain(application).collect()
    }

    /// Every way to call a model, the narrowest first.
    fn routes(&self, base: &str, region: &str) -> Vec<Route> {
        let own = self.models.iter().any(|model| model.id == base && model.is_on_demand()).then(|| Route {
            reach: Reach::Region,
            id: base.to_owned(),
            area: region.to_owned(),
            regions: vec![region.to_owned()],
        });
        let profiles = self.system.iter().filter(|profile| profile.base() == Some(base));
        let through = profiles.map(|profile| profile.route(profile.inference_profile_id.clone(), profile.area(base)));
        let mut routes: Vec<_> = own.into_iter().chain(through).collect();
        routes.sort_by(|a, b| (a.reach, a.regions.len(), &a.id).cmp(&(b.reach, b.regions.len(), &b.id)));
        routes
    }

    /// An application profile's id says nothing; the system's profile of the same regions does.
    fn area(&self, profile: &Profile) -> String {
        let (base, regions) = (profile.base(), profile.regions());
        let same = self.system.iter().find(|other| other.base() == base && other.regions() == regions);
        same.zip(base).map_or_else(|| profile.area(""), |(same, base)| same.area(base))
    }

    /// The callable model that `id` means: itself, one behind the prefix of a geography, or with another ending.
    fn base_of<'a>(&'a self, id: &str) -> Option<&'a str> {
        let id = id.rsplit('/').next().unwrap_or(id);
        let models = self.models.iter().filter(|model| model.is_on_demand()).map(|model| model.id.as_str());
        let known: Vec<&str> = models.chain(self.system.iter().filter_map(Profile::base)).collect();
        let find = |is_meant: &dyn Fn(&str) -> bool| known.iter().copied().find(|&base| is_meant(base));
        let behind_prefix = |id: &str, base: &str| id.strip_suffix(base).is_some_and(|prefix| prefix.ends_with('.'));
        find(&|base| base == id).or_else(|| find(&|base| behind_prefix(id, base))).or_else(|| {
            // Tools add `:0` and `:1m` to ids that have no such ending, or leave out the one that they have.
            let id = stem(id);
            find(&|base| stem(base) == id || behind_prefix(id, stem(base)))
        })
    }
}

/// What to call in place of `model_id`, which cannot be called as it is: the listed way that goes as far as the settings
/// allow. None where there is none, or where it is `model_id` itself.
pub(super) async fn profile_for(
    identity: &Identity,
    config: &BedrockConfig,
    model_id: &str,
) -> Result<Option<String>, Failure> {
    let control = Control::new(identity, config).await?;
    let system = control.profiles("SYSTEM_DEFINED").await;
    let models = control.get::<Models>("/foundation-models?byOutputModality=TEXT", LIST_MODELS).await;
    if let (Err(failure), Err(_)) = (&system, &models) {
        return Err(failure.clone());
    }
    let lists = Lists {
        models: models.map(|models| models.model_summaries).unwrap_or_default(),
        system: system.unwrap_or_default(),
        application: Vec::new(),
        denied: None,
    };
    let Some(base) = lists.base_of(model_id) else { return Ok(None) };
    let routes = lists.routes(base, identity.region());
    Ok(chosen(&routes, config.reach).map(|route| route.id.clone()).filter(|id| id != model_id))
}

/// The id of the model that an application profile stands for.
pub(super) async fn model_of(
    identity: &Identity,
    config: &BedrockConfig,
    arn: &str,
) -> Result<Option<String>, Failure> {
    let control = Control::new(identity, config).await?;
    let profile: Profile = control.get(&format!("/inference-profiles/{}", encoded(arn)), GET_PROFILE).await?;
    Ok(profile.base().map(str::to_owned))
}

/// Who asks the control plane, and where it is.
pub(super) struct Control<'a> {
    identity: &'a Identity,
    seal: Seal,
    endpoint: String,
}

impl<'a> Control<'a> {
    pub(super) async fn new(identity: &'a Identity, config: &BedrockConfig) -> Result<Self, Failure> {
        Ok(Self::sealed(identity, identity.seal().await?, identity.endpoint(CONTROL, config).await?))
    }

    pub(super) const fn sealed(identity: &'a Identity, seal: Seal, endpoint: String) -> Self {
        Self { identity, seal, endpoint }
    }

    async fn profiles(&self, kind: &str) -> Result<Vec<Profile>, Failure> {
        let mut profiles = Vec::new();
        let mut token = String::new();
        for _ in 0..MAX_PAGES {
            let page: Page =
                self.get(&format!("/inference-profiles?maxResults=1000{token}&type={kind}"), LIST_PROFILES).await?;
            // Not every server that stands in for Bedrock minds the wish for one kind.
            let is_wanted = |profile: &Profile| profile.kind.as_deref().is_none_or(|own| own == kind);
            profiles.extend(page.inference_profile_summaries.into_iter().filter(is_wanted));
            match page.next_token {
                Some(next) => token = format!("&nextToken={}", encoded(&next)),
                None => break,
            }
        }
        Ok(profiles)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str, action: &'static str) -> Result<T, Failure> {
        let call = Call { method: "GET", url: format!("{}{path}", self.endpoint), headers: &[], body: String::new() };
        let identity = self.identity;
        let signing = (&self.seal, "bedrock", identity.region(), identity.now());
        match call.send_signed(identity.http(), signing).await {
            Ok(text) => serde_json::from_str(&text).map_err(|_| failure::not_the_control_plane(&self.endpoint)),
            Err(Broken::Unreached(failure)) => Err(failure),
            Err(Broken::Refused(refused)) => {
                Err(failure::of_listing(&refused, action, identity.profile(), &self.endpoint))
            }
        }
    }
}

impl Model {
    fn unknown(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: None,
            provider_name: None,
            input_modalities: Vec::new(),
            response_streaming_supported: None,
            inference_types_supported: Vec::new(),
            lifecycle: None,
        }
    }

    fn name(&self) -> &str {
        self.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&self.id)
    }

    fn is_on_demand(&self) -> bool {
        self.inference_types_supported.iter().any(|kind| kind == "ON_DEMAND")
    }
}

impl Profile {
    fn models(&self) -> impl Iterator<Item = (&str, &str)> {
        self.models.iter().filter_map(|model| split(model.model_arn.as_deref()?))
    }

    /// The model that all of its regions run.
    fn base(&self) -> Option<&str> {
        self.models().next().map(|(_, model)| model)
    }

    /// Where a request may be answered, sorted; the place of a global one is left open.
    fn regions(&self) -> Vec<&str> {
        let mut regions: Vec<_> = self.models().map(|(region, _)| region).filter(|region| !region.is_empty()).collect();
        regions.sort_unstable();
        regions.dedup();
        regions
    }

    fn reach(&self) -> Reach {
        let is_open = self.models().any(|(region, _)| region.is_empty());
        if is_open || self.inference_profile_id.starts_with("global.") {
            Reach::Global
        } else if self.regions().len() > 1 {
            Reach::Geography
        } else {
            Reach::Region
        }
    }

    /// What stands before the model in the profile's id: `eu`. The regions where nothing does.
    fn area(&self, base: &str) -> String {
        if self.reach() == Reach::Global {
            return "global".to_owned();
        }
        let prefix = self.inference_profile_id.strip_suffix(base).unwrap_or_default().trim_end_matches('.');
        if prefix.is_empty() || base.is_empty() { self.regions().join(", ") } else { prefix.to_owned() }
    }

    fn route(&self, id: String, area: String) -> Route {
        Route { reach: self.reach(), id, area, regions: self.regions().into_iter().map(str::to_owned).collect() }
    }
}

/// Region and id in `arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-…`.
fn split(arn: &str) -> Option<(&str, &str)> {
    let (head, model) = arn.split_once("foundation-model/")?;
    Some((head.split(':').nth(3)?, model))
}

/// Without what follows the first colon.
fn stem(id: &str) -> &str {
    id.split(':').next().unwrap_or(id)
}

fn chosen(routes: &[Route], allowed: Reach) -> Option<&Route> {
    routes.iter().rfind(|route| route.reach <= allowed)
}

fn entry(called: String, model: &Model, name: String, routes: Vec<Route>) -> ModelEntry {
    let takes_images = || model.input_modalities.iter().any(|modality| modality == "IMAGE");
    ModelEntry {
        model: ModelRef::bedrock(called),
        name,
        vendor: model.provider_name.clone().unwrap_or_default(),
        routes,
        legacy: model.lifecycle.as_ref().and_then(|life| life.status.as_deref()) == Some("LEGACY"),
        streams: model.response_streaming_supported,
        images: (!model.input_modalities.is_empty()).then(takes_images),
        context_tokens: None,
        typed: false,
        lessons: Lessons::default(),
    }
}
