//! Where the desktop listens: a D-Bus message bus.

use std::time::Duration;
use zbus::connection::{Builder, Connection};

/// How long a call may go unanswered before the other side counts as hung.
const PATIENCE: Duration = Duration::from_secs(5);

/// A message bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bus {
    /// The bus of the person who is logged in.
    Session,
    /// The bus of the computer.
    System,
    /// The bus at an address, such as `unix:path=/run/user/1000/bus`.
    At(String),
}

impl Bus {
    pub(crate) async fn connect(&self) -> zbus::Result<Connection> {
        let builder = match self {
            Self::Session => Builder::session()?,
            Self::System => Builder::system()?,
            Self::At(address) => Builder::address(address.as_str())?,
        };
        // A bus that accepts the connection and then says nothing would otherwise be waited for without end.
        tokio::time::timeout(PATIENCE, builder.method_timeout(PATIENCE).build())
            .await
            .map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))?
    }
}

/// How long to wait before each further try with a desktop that does not do what it is asked.
#[derive(Debug, Default)]
pub(crate) struct Pauses(u32);

impl Pauses {
    const LONGEST: Duration = Duration::from_secs(60);

    pub(crate) fn next_pause(&mut self) -> Duration {
        let pause = Duration::from_secs(1 << self.0.min(6)).min(Self::LONGEST);
        self.0 += 1;
        pause
    }
}

/// The words of an error, without the full stop that the sentence around it sets.
pub(crate) fn cause(error: &zbus::Error) -> String {
    let said = match error {
        zbus::Error::MethodError(name, None, _) => name.to_string(),
        zbus::Error::MethodError(_, Some(said), _) => said.clone(),
        other => other.to_string(),
    };
    said.trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_minute() {
        let mut pauses = Pauses::default();
        let seconds: Vec<u64> = (0..8).map(|_| pauses.next_pause().as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
    }
}
