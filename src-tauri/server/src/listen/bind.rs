//! Taking an address, and saying in words why it could not be taken.

use std::io;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpSocket};

/// An address cannot be listened on.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody has it.
    #[error("{address} is taken by {holder}. Stop it, or choose another address with --local or --lan.")]
    Taken {
        /// The address.
        address: SocketAddr,
        /// Who, as far as can be seen.
        holder: String,
    },
    /// Something else.
    #[error("{address} cannot be listened on: {reason}. Choose another address with --local or --lan.")]
    Failed {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        reason: io::Error,
    },
}

pub(crate) fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    let listen = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // A station that restarts takes its address again at once. On Windows the option would let two share it.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(1024)
    };
    listen().map_err(|reason| match reason.kind() {
        io::ErrorKind::AddrInUse => BindError::Taken {
            address,
            holder: station::holder_of_address(address).unwrap_or_else(|| "another program".into()),
        },
        _ => BindError::Failed { address, reason },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_address_is_named() {
        let first = bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = first.local_addr().unwrap();
        let error = bind(address).unwrap_err();
        assert!(matches!(&error, BindError::Taken { address: taken, .. } if *taken == address), "{error}");
        assert!(error.to_string().contains(&address.to_string()));
    }
}
