//! The addresses under which this computer is reached.

use std::net::{IpAddr, SocketAddr};

/// The addresses of this computer's interfaces, loopback too; link-local ones are left out.
pub(crate) fn of_interfaces() -> Vec<IpAddr> {
    let mut addresses: Vec<IpAddr> = if_addrs::get_if_addrs()
        .unwrap_or_default()
        .into_iter()
        .filter(|interface| !interface.is_link_local())
        .map(|interface| interface.ip())
        .collect();
    addresses.sort();
    addresses.dedup();
    addresses
}

/// The address to give to others for a listener: itself, or for one on all interfaces the first of the LAN.
pub(crate) fn reachable(listening: SocketAddr) -> SocketAddr {
    if !listening.ip().is_unspecified() {
        return listening;
    }
    let addresses = of_interfaces();
    let lan = addresses
        .iter()
        .find(|address| address.is_ipv4() && !address.is_loopback())
        .or_else(|| addresses.iter().find(|address| !address.is_loopback()))
        .copied()
        .unwrap_or(IpAddr::from([127, 0, 0, 1]));
    SocketAddr::new(lan, listening.port())
}

/// The link that pairs a screen. The code stands behind `#`, which no browser sends to a server and no log keeps.
#[must_use]
pub fn pairing_link(is_tls: bool, listening: SocketAddr, code: &str) -> String {
    let scheme = if is_tls { "https" } else { "http" };
    format!("{scheme}://{}/pair#{code}", reachable(listening))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_of_a_listener_on_all_interfaces_names_one_that_can_be_reached() {
        let link = pairing_link(true, SocketAddr::from(([0, 0, 0, 0], 8751)), "CODE");
        assert!(!link.contains("0.0.0.0"), "{link}");
        assert!(link.ends_with(":8751/pair#CODE"), "{link}");
        let own = SocketAddr::from(([127, 0, 0, 1], 8750));
        assert_eq!(pairing_link(false, own, "C"), "http://127.0.0.1:8750/pair#C");
    }
}
