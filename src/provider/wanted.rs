//! What is looked for: the resources that a stack file declares.

use super::contract::ResourceType;
use super::errors::ProviderError;
use super::read::Need;
use super::session::Provider;
use crate::schema::Address;

/// A resource that the stack file declares.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Where it stands in the file.
    pub address: Address,
    /// Its type.
    pub ty: &'static ResourceType,
    /// Its unique name, if the type has one.
    pub name: Option<String>,
    /// Where that name is unique.
    pub within: Place,
    /// What of it is needed.
    pub need: Need,
    /// The address it had before.
    pub moved_from: Option<Address>,
}

/// Where a unique name is unique, if not in the account and region: a VPC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Nothing is declared: where AWS puts it by default.
    #[default]
    Default,
    /// There.
    Known(String),
    /// Declared, by what another resource of the stack has: it is known once that has been read, so
    /// until then an object's tags alone tell whether it is the one that is meant.
    Unknown,
}

impl Place {
    /// The place, if it is known.
    pub fn known(&self) -> Option<&str> {
        match self {
            Self::Known(place) => Some(place),
            Self::Default | Self::Unknown => None,
        }
    }
}

impl From<Option<String>> for Place {
    fn from(declared: Option<String>) -> Self {
        declared.map_or(Self::Default, Self::Known)
    }
}

impl Wanted {
    /// The id, where it is made of the name and its place.
    pub(super) fn id(&self) -> Option<String> {
        let (within, name) = (self.within.known()?, self.name.as_ref()?);
        (!self.ty.id_of.is_empty()).then(|| format!("{within}/{name}"))
    }

    /// Its unique name, if it is known where that is unique.
    pub(super) fn name_in_place(&self) -> Option<&str> {
        self.name
            .as_deref()
            .filter(|_| self.within != Place::Unknown)
    }
}

impl Provider {
    /// Where a unique name is unique: as declared, else where AWS puts it by default, if that is
    /// anywhere.
    ///
    /// # Errors
    /// The lookup of the default failed.
    pub(super) async fn place_of(
        &self,
        ty: &'static ResourceType,
        declared: &Place,
    ) -> Result<Place, ProviderError> {
        let default = ty.within.and_then(|within| within.default);
        match (declared, default) {
            (Place::Default, Some(default)) => Ok(self.default_place(default).await?.into()),
            (place, _) => Ok(place.clone()),
        }
    }
}
