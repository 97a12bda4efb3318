//! `oxiward token`: made, listed and revoked beside a running station.

use super::options::Common;
use super::{Failure, say};
use clap::{Subcommand, ValueEnum};
use record::{AccessError, Record, Role};
use station::wall_now;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Makes, lists and revokes tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Makes a token and prints it, alone on one line. It is shown this once.
    Add {
        /// Whose it is: every acknowledgement carries this name.
        #[arg(long)]
        name: String,
        /// What it may do.
        #[arg(long)]
        role: RoleName,
    },
    /// Lists the tokens: name, role, when it was made.
    List,
    /// Ends a token; its connections close within 5 s.
    Revoke {
        /// Whose it is.
        name: String,
    },
}

/// The word for a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleName {
    /// Reads everything.
    Viewer,
    /// Acknowledges, pauses audio, requests, resets, sets limits, admits, discharges.
    Nurse,
    /// Beds, sensors, tokens, devices.
    Admin,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Viewer => Self::Viewer,
            RoleName::Nurse => Self::Nurse,
            RoleName::Admin => Self::Admin,
        }
    }
}

impl Token {
    pub(crate) fn run(self, common: &Common) -> Result<(), Failure> {
        let real = open(common)?;
        // Tokens are the real station's and open its demonstration too; those that were paired with the demonstration
        // are in its own record.
        let demo = Record::existing(&super::folder::demo_of(&common.folder()?)).ok();
        match self {
            Self::Add { name, role } => match real.add_token(&name, role.into(), wall_now()) {
                Err(error @ AccessError::BadName(_)) => return Err(Failure::usage(error)),
                added => say(&added?),
            },
            Self::List => {
                let mut tokens = real.tokens()?;
                if let Some(demo) = demo {
                    tokens.extend(demo.tokens()?);
                }
                for token in tokens {
                    let nanos = i128::from(token.created.as_millis()) * 1_000_000;
                    let made = OffsetDateTime::from_unix_timestamp_nanos(nanos)
                        .ok()
                        .and_then(|time| time.replace_millisecond(0).ok())
                        .and_then(|time| time.format(&Rfc3339).ok())
                        .unwrap_or_default();
                    say(&format!("{}\t{}\t{made}", token.name, token.role.as_str()));
                }
            }
            Self::Revoke { name } => {
                let of_demo = demo.is_some_and(|demo| demo.revoke_token(&name).is_ok());
                match real.revoke_token(&name) {
                    Err(_) if of_demo => {}
                    revoked => revoked?,
                }
            }
        }
        Ok(())
    }
}

/// The record of the folder: of the running station, or made anew so that a token can be there before the first start.
fn open(common: &Common) -> Result<Record, Failure> {
    let folder = common.folder()?;
    super::folder::prepare(&folder)?;
    if !folder.join("oxiward.db").exists()
        && let Ok(lock) = super::folder::lock(&folder)?
    {
        Record::make(&folder)?;
        drop(lock);
    }
    Ok(Record::existing(&folder)?)
}
