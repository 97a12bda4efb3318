//! Tokens and pairing codes: only hashes are kept.

use crate::{QueryError, Record};
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::time::Duration;
use subtle::ConstantTimeEq;
use vitals::WallTime;

/// How long a pairing code is good.
const CODE_LIFE: Duration = Duration::from_secs(120);
/// How many wrong codes may be given while one is open before it is closed.
const CODE_TRIES: i64 = 5;

/// What a token may do. Ordered: each may all that the ones before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Read everything.
    Viewer,
    /// Acknowledge, pause audio, request, reset a sensor, set limits, admit, discharge.
    Nurse,
    /// Beds, sensors, presets, tokens, devices, certificates, retention.
    Admin,
}

impl Role {
    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Nurse => "nurse",
            Self::Admin => "admin",
        }
    }

    /// The role that a word of the contract names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Viewer, Self::Nurse, Self::Admin].into_iter().find(|role| role.as_str() == word)
    }
}

/// A token as it is listed; the secret itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Whose it is; every acknowledgement carries this name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The SHA-256 of the secret.
    pub hash: [u8; 32],
    /// When it was made.
    pub created: WallTime,
}

/// A token or a code could not be made, listed or revoked.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The name is in use.
    #[error("There is a token named {0:?} already; revoke it first or choose another name.")]
    NameTaken(String),
    /// The name is empty, too long or holds control characters.
    #[error("{0:?} cannot name a token: use 1 to 64 printable characters.")]
    BadName(String),
    /// Nothing of that name.
    #[error("There is no token named {0:?}; `oxiward token list` shows them.")]
    Unknown(String),
    /// This computer gives no random numbers.
    #[error("This computer gives no random numbers: {0}.")]
    Random(getrandom::Error),
    /// The database refused.
    #[error("The record cannot be used: {0}.")]
    Record(#[from] rusqlite::Error),
}

/// Why a pairing code was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PairingError {
    /// Unknown, used, expired, or closed after five wrong tries.
    #[error("This pairing code is not good (any more). Ask for a new one at the station: `oxiward pair`.")]
    BadCode,
    /// No token could be made for it.
    #[error(transparent)]
    Access(#[from] AccessError),
}

impl From<rusqlite::Error> for PairingError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Access(AccessError::Record(error))
    }
}

/// What a good pairing code gives.
#[derive(Debug)]
pub struct Pairing {
    /// The secret of the new token; it is shown this once.
    pub secret: String,
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: Role,
}

/// The SHA-256 under which a secret is kept. A slow hash would add nothing: the secrets are 256 random bits.
#[must_use]
pub fn hash_secret(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// A new secret of 256 random bits, in characters that need no escaping anywhere.
///
/// # Errors
/// If this computer gives no random numbers.
pub fn new_secret() -> Result<String, AccessError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(AccessError::Random)?;
    Ok(data_encoding::BASE64URL_NOPAD.encode(&bytes))
}

pub(crate) fn random_hex() -> Result<String, AccessError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(AccessError::Random)?;
    Ok(data_encoding::HEXLOWER.encode(&bytes))
}

/// A new pairing code of 128 random bits, in letters and digits that a person can read out.
fn new_code() -> Result<String, AccessError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(AccessError::Random)?;
    Ok(data_encoding::BASE32_NOPAD.encode(&bytes))
}

fn good_name(name: &str) -> Result<&str, AccessError> {
    let name = name.trim();
    let good = (1..=64).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if good { Ok(name) } else { Err(AccessError::BadName(name.to_owned())) }
}

fn insert(db: &rusqlite::Transaction<'_>, name: &str, role: Role, now: WallTime) -> Result<String, AccessError> {
    let secret = new_secret()?;
    let added = db.execute(
        "INSERT INTO token VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name) DO NOTHING",
        params![name, role.as_str(), hash_secret(&secret), now.as_millis()],
    )?;
    if added == 1 { Ok(secret) } else { Err(AccessError::NameTaken(name.to_owned())) }
}

impl Record {
    /// Makes a token and returns its secret, which is not kept.
    ///
    /// # Errors
    /// If the name is bad or taken, or the database refuses.
    pub fn add_token(&self, name: &str, role: Role, now: WallTime) -> Result<String, AccessError> {
        let name = good_name(name)?;
        self.change(|db| insert(db, name, role, now))
    }

    /// All tokens, by name.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn tokens(&self) -> Result<Vec<Token>, QueryError> {
        Ok(self.with(|db| {
            db.prepare_cached("SELECT name, role, hash, created FROM token ORDER BY name")?
                .query_map([], |row| {
                    Ok(Token {
                        name: row.get(0)?,
                        role: Role::parse(&row.get::<_, String>(1)?).unwrap_or(Role::Viewer),
                        hash: row.get(2)?,
                        created: WallTime::from_millis(row.get(3)?),
                    })
                })?
                .collect()
        })?)
    }

    /// Ends a token.
    ///
    /// # Errors
    /// If there is none of that name, or the database refuses.
    pub fn revoke_token(&self, name: &str) -> Result<(), AccessError> {
        self.change(|db| match db.execute("DELETE FROM token WHERE name = ?1", [name])? {
            0 => Err(AccessError::Unknown(name.to_owned())),
            _ => Ok(()),
        })
    }

    /// Opens a pairing: the code is good once, for two minutes, and dies at the fifth wrong one.
    ///
    /// # Errors
    /// If the database refuses.
    pub fn open_pairing(&self, role: Role, now: WallTime) -> Result<String, AccessError> {
        let code = new_code()?;
        self.change::<_, AccessError>(|db| {
            db.execute("DELETE FROM pairing_code WHERE expires <= ?1", [now.as_millis()])?;
            db.execute(
                "INSERT INTO pairing_code (hash, role, expires) VALUES (?1, ?2, ?3)",
                params![hash_secret(&code), role.as_str(), now.plus(CODE_LIFE).as_millis()],
            )?;
            Ok(())
        })?;
        Ok(code)
    }

    /// Trades a pairing code for a token. A name that is taken gets a number behind it.
    ///
    /// # Errors
    /// If the code is not good, the name is bad, or the database refuses.
    pub fn pair(&self, code: &str, name: &str, now: WallTime) -> Result<Pairing, PairingError> {
        let name = good_name(name)?.to_owned();
        let given = hash_secret(&code.trim().to_ascii_uppercase());
        // Committed whether the code is good or not: a wrong one must count.
        let outcome = self.change::<_, PairingError>(|db| {
            db.execute("DELETE FROM pairing_code WHERE expires <= ?1", [now.as_millis()])?;
            let open: Vec<([u8; 32], String)> = db
                .prepare("SELECT hash, role FROM pairing_code")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            let Some((hash, role)) = open.into_iter().find(|(hash, _)| bool::from(hash.ct_eq(&given))) else {
                db.execute("UPDATE pairing_code SET tries = tries + 1", [])?;
                db.execute("DELETE FROM pairing_code WHERE tries >= ?1", [CODE_TRIES])?;
                return Ok(None);
            };
            db.execute("DELETE FROM pairing_code WHERE hash = ?1", [hash])?;
            let role = Role::parse(&role).unwrap_or(Role::Viewer);
            let name = free_name(db, &name)?;
            let secret = insert(db, &name, role, now)?;
            Ok(Some(Pairing { secret, name, role }))
        })?;
        outcome.ok_or(PairingError::BadCode)
    }
}

fn free_name(db: &rusqlite::Transaction<'_>, wanted: &str) -> rusqlite::Result<String> {
    let taken = |name: &str| {
        db.query_row("SELECT 1 FROM token WHERE name = ?1", [name], |_| Ok(())).optional().map(|row| row.is_some())
    };
    let mut name = wanted.to_owned();
    let mut count = 1_u32;
    while taken(&name)? {
        count += 1;
        name = format!("{wanted} ({count})");
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: WallTime = WallTime::from_millis(1_793_180_000_000);

    fn record() -> (tempfile::TempDir, Record) {
        let folder = tempfile::tempdir().unwrap();
        let (record, writer, _) = Record::open(folder.path(), NOW, "test").unwrap();
        writer.close(NOW);
        (folder, record)
    }

    #[test]
    fn a_token_is_kept_as_a_hash_and_a_revoked_one_is_gone() {
        let (folder, record) = record();
        let secret = record.add_token("Sister Agnes", Role::Nurse, NOW).unwrap();
        let token = record.tokens().unwrap().remove(0);
        assert_eq!((token.name.as_str(), token.role, token.hash), ("Sister Agnes", Role::Nurse, hash_secret(&secret)));
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
        }
        record.revoke_token("Sister Agnes").unwrap();
        assert!(record.tokens().unwrap().is_empty());
        assert!(matches!(record.revoke_token("Sister Agnes"), Err(AccessError::Unknown(_))));
    }

    #[test]
    fn a_name_is_not_given_to_two_tokens() {
        let (_folder, record) = record();
        record.add_token("Tablet", Role::Viewer, NOW).unwrap();
        assert!(matches!(record.add_token("Tablet", Role::Admin, NOW), Err(AccessError::NameTaken(_))));
        assert!(matches!(record.add_token(" ", Role::Admin, NOW), Err(AccessError::BadName(_))));
    }

    #[test]
    fn a_pairing_code_works_once() {
        let (_folder, record) = record();
        let code = record.open_pairing(Role::Nurse, NOW).unwrap();
        let first = record.pair(&code, "Tablet", NOW).unwrap();
        assert_eq!((first.name.as_str(), first.role), ("Tablet", Role::Nurse));
        assert!(matches!(record.pair(&code, "Tablet", NOW), Err(PairingError::BadCode)));
    }

    #[test]
    fn a_second_screen_of_the_same_name_gets_a_number() {
        let (_folder, record) = record();
        let codes = [(); 2].map(|()| record.open_pairing(Role::Viewer, NOW).unwrap());
        let names = codes.map(|code| record.pair(&code, "Tablet", NOW).unwrap().name);
        assert_eq!(names, ["Tablet", "Tablet (2)"]);
    }

    #[test]
    fn a_pairing_code_ends_after_two_minutes() {
        let (_folder, record) = record();
        let code = record.open_pairing(Role::Nurse, NOW).unwrap();
        assert!(record.pair(&code, "Tablet", NOW.plus(Duration::from_secs(120))).is_err());
    }

    #[test]
    fn five_wrong_codes_close_the_open_one() {
        let (_folder, record) = record();
        let code = record.open_pairing(Role::Nurse, NOW).unwrap();
        for _ in 0..4 {
            assert!(record.pair("WRONG", "Tablet", NOW).is_err());
        }
        assert!(record.pair(&code, "Tablet", NOW).is_ok(), "four wrong ones leave it open");
        let code = record.open_pairing(Role::Nurse, NOW).unwrap();
        for _ in 0..5 {
            assert!(record.pair("WRONG", "Tablet", NOW).is_err());
        }
        assert!(record.pair(&code, "Tablet", NOW).is_err());
    }
}
