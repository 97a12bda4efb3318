use super::*;

fn adapter(usb: &str, serial: Option<&str>, place: &str) -> Adapter {
    Adapter {
        name: "USB serial".into(),
        usb: usb.into(),
        serial: serial.map(str::to_owned),
        place: (!place.is_empty()).then(|| format!("usb {place}")),
    }
}

/// A Nonin cable: FTDI chips have serial numbers of their own.
fn nonin(path: &str, serial: &str, place: &str) -> Plugged {
    Plugged { path: path.into(), adapter: Some(adapter("0403:6001", Some(serial), place)) }
}

/// A Contec cable: all say "0001".
fn contec(path: &str, place: &str) -> Plugged {
    Plugged { path: path.into(), adapter: Some(adapter("10c4:ea60", Some("0001"), place)) }
}

fn built_in(path: &str) -> Plugged {
    Plugged { path: path.into(), adapter: None }
}

fn bed(id: &str) -> BedId {
    BedId::new(id).unwrap()
}

/// A bed with this name for its port, which is no link.
fn claim(id: &str, port: &str, bound: Option<Bound>) -> Claim {
    Claim { bed: bed(id), port: port.into(), leads_to: Some(port.into()), is_link: false, bound, named_now: false }
}

fn link(id: &str, port: &str, leads_to: Option<&str>) -> Claim {
    Claim { leads_to: leads_to.map(str::to_owned), is_link: true, ..claim(id, port, None) }
}

fn by_serial(port: &str, serial: &str, place: &str) -> Option<Bound> {
    let mark = Mark::Serial { serial: serial.into(), place: Some(format!("usb {place}")) };
    Some(Bound { port: port.into(), usb: "0403:6001".into(), mark })
}

fn by_place(port: &str, place: &str) -> Option<Bound> {
    Some(Bound { port: port.into(), usb: "10c4:ea60".into(), mark: Mark::Place(format!("usb {place}")) })
}

/// Each bed with what it opens, or with why not.
fn opens(decision: &Decision) -> Vec<(&str, String)> {
    let place = |place: &Place| match place {
        Place::At { path, .. } => path.clone(),
        Place::Away(away) => away.to_string(),
    };
    decision.places.iter().map(|(bed, at)| (bed.as_str(), place(at))).collect()
}

fn binds(decision: &Decision, index: usize) -> Option<&Bound> {
    match &decision.places[index].1 {
        Place::At { bind, .. } => bind.as_ref(),
        Place::Away(_) => None,
    }
}

fn unknown(decision: &Decision) -> Vec<&str> {
    decision.unknown.iter().map(|port| port.path.as_str()).collect()
}

#[test]
fn a_bed_that_is_given_a_usb_port_is_bound_to_its_adapters_serial_number() {
    let decision = decide(&[nonin("/dev/ttyUSB0", "FT1", "1-1")], &[claim("1", "/dev/ttyUSB0", None)]);
    assert_eq!(opens(&decision), [("1", "/dev/ttyUSB0".into())]);
    assert_eq!(binds(&decision, 0), by_serial("/dev/ttyUSB0", "FT1", "1-1").as_ref());
    assert!(decision.unknown.is_empty());
}

#[test]
fn an_adapter_without_a_telling_serial_number_is_known_by_its_socket() {
    let nameless = Plugged { path: "/dev/ttyUSB1".into(), adapter: Some(adapter("10c4:ea60", None, "1-2")) };
    let present = [contec("/dev/ttyUSB0", "1-1"), nameless];
    let decision = decide(&present, &[claim("1", "/dev/ttyUSB0", None), claim("2", "/dev/ttyUSB1", None)]);
    assert_eq!(binds(&decision, 0), by_place("/dev/ttyUSB0", "1-1").as_ref());
    assert_eq!(binds(&decision, 1), by_place("/dev/ttyUSB1", "1-2").as_ref());
    let words = present.each_ref().map(|port| tells_nothing(port.adapter.as_ref().unwrap(), &present).unwrap());
    assert_eq!(words, ["its serial number is the one that its maker leaves in every piece", "it has no serial number"]);
}

#[test]
fn two_plugs_with_serial_numbers_that_are_swapped_leave_the_beds_right() {
    let beds = [
        claim("1", "/dev/ttyUSB0", by_serial("/dev/ttyUSB0", "FT1", "1-1")),
        claim("2", "/dev/ttyUSB1", by_serial("/dev/ttyUSB1", "FT2", "1-2")),
    ];
    let swapped = [nonin("/dev/ttyUSB0", "FT2", "1-1"), nonin("/dev/ttyUSB1", "FT1", "1-2")];
    let decision = decide(&swapped, &beds);
    assert_eq!(opens(&decision), [("1", "/dev/ttyUSB1".into()), ("2", "/dev/ttyUSB0".into())]);
    assert_eq!(binds(&decision, 0), by_serial("/dev/ttyUSB0", "FT1", "1-2").as_ref(), "where it is now is noted");
}

#[test]
fn two_plugs_without_serial_numbers_that_are_swapped_go_by_their_sockets() {
    let beds = [
        claim("1", "/dev/ttyUSB0", by_place("/dev/ttyUSB0", "1-1")),
        claim("2", "/dev/ttyUSB1", by_place("/dev/ttyUSB1", "1-2")),
    ];
    // The names went the other way round at the last start of the computer.
    let renumbered = [contec("/dev/ttyUSB0", "1-2"), contec("/dev/ttyUSB1", "1-1")];
    let decision = decide(&renumbered, &beds);
    assert_eq!(opens(&decision), [("1", "/dev/ttyUSB1".into()), ("2", "/dev/ttyUSB0".into())]);
}

#[test]
fn an_adapter_under_a_new_number_is_followed() {
    let bed = claim("1", "/dev/ttyUSB0", by_serial("/dev/ttyUSB0", "FT1", "1-1"));
    let decision = decide(&[nonin("/dev/ttyUSB3", "FT1", "1-1")], &[bed]);
    assert_eq!(opens(&decision), [("1", "/dev/ttyUSB3".into())]);
}

#[test]
fn an_adapter_with_a_serial_number_is_followed_to_another_socket_and_one_without_appears_as_found() {
    let nonins = claim("1", "/dev/ttyUSB0", by_serial("/dev/ttyUSB0", "FT1", "1-1"));
    let contecs = claim("2", "/dev/ttyUSB1", by_place("/dev/ttyUSB1", "1-2"));
    let moved = [nonin("/dev/ttyUSB0", "FT1", "1-3"), contec("/dev/ttyUSB1", "1-4")];
    let decision = decide(&moved, &[nonins, contecs]);
    let opened = opens(&decision);
    assert_eq!(opened[0], ("1", "/dev/ttyUSB0".into()));
    assert!(opened[1].1.contains("known by its socket") && opened[1].1.contains("usb 1-2"), "{opened:?}");
    assert_eq!(unknown(&decision), ["/dev/ttyUSB1"], "never opened by a name that is no longer its own");
}

#[test]
fn another_adapter_in_the_socket_is_not_taken_for_the_beds() {
    let bed = claim("1", "/dev/ttyUSB0", by_place("/dev/ttyUSB0", "1-1"));
    let decision = decide(&[nonin("/dev/ttyUSB0", "FT9", "1-1")], &[bed]);
    assert!(opens(&decision)[0].1.contains("another adapter"), "{decision:?}");
    assert_eq!(unknown(&decision), ["/dev/ttyUSB0"]);
}

#[test]
fn of_two_adapters_with_the_same_serial_number_each_bed_keeps_the_one_in_its_socket() {
    let twins = [nonin("/dev/ttyUSB0", "FT1", "1-1"), nonin("/dev/ttyUSB1", "FT1", "1-2")];
    let fresh = decide(&twins, &[claim("1", "/dev/ttyUSB0", None), claim("2", "/dev/ttyUSB1", None)]);
    let ftdi = |port: &str, place: &str| Bound { usb: "0403:6001".into(), ..by_place(port, place).unwrap() };
    assert_eq!(binds(&fresh, 0), Some(&ftdi("/dev/ttyUSB0", "1-1")));
    assert_eq!(binds(&fresh, 1), Some(&ftdi("/dev/ttyUSB1", "1-2")));
    let words = tells_nothing(twins[0].adapter.as_ref().unwrap(), &twins).unwrap();
    assert!(words.contains("same serial number"), "{words}");

    // One was bound when it was alone; then its twin came.
    let alone = claim("1", "/dev/ttyUSB0", by_serial("/dev/ttyUSB0", "FT1", "1-2"));
    let decision = decide(&twins, core::slice::from_ref(&alone));
    assert_eq!((opens(&decision), unknown(&decision)), (vec![("1", "/dev/ttyUSB1".into())], vec!["/dev/ttyUSB0"]));
    let elsewhere = Claim { bound: by_serial("/dev/ttyUSB0", "FT1", "1-9"), ..alone };
    assert!(opens(&decide(&twins, &[elsewhere]))[0].1.contains("Two adapters with the same serial number"));
}

#[test]
fn a_port_is_never_opened_twice_under_two_names() {
    let by_id = "/dev/serial/by-id/usb-FTDI_FT232R_FT1-if00-port0";
    let present = [nonin("/dev/ttyUSB0", "FT1", "1-1")];
    let decision = decide(&present, &[link("1", by_id, Some("/dev/ttyUSB0")), claim("2", "/dev/ttyUSB0", None)]);
    let opened = opens(&decision);
    assert_eq!(opened[0], ("1", by_id.into()));
    assert!(opened[1].1.contains("open for bed \"1\" already"), "{opened:?}");
    let same_again = decide(&present, &[claim("1", "/dev/ttyUSB0", None), link("2", by_id, Some("/dev/ttyUSB0"))]);
    assert!(opens(&same_again)[1].1.contains("bed \"1\""));
}

#[test]
fn a_link_is_followed_wherever_it_leads_and_binds_nothing() {
    let present = [nonin("/dev/ttyUSB0", "FT1", "1-1"), nonin("/dev/ttyUSB1", "FT2", "1-2")];
    for leads_to in ["/dev/ttyUSB0", "/dev/ttyUSB1"] {
        let decision = decide(&present, &[link("1", "/dev/ward-3", Some(leads_to))]);
        assert_eq!(opens(&decision), [("1", "/dev/ward-3".into())]);
        assert_eq!(binds(&decision, 0), None);
        assert!(!unknown(&decision).contains(&leads_to));
    }
    let gone = decide(&present, &[link("1", "/dev/ward-3", None)]);
    assert_eq!(opens(&gone), [("1", "/dev/ward-3".into())], "the port itself says that it is not there");
}

#[test]
fn a_built_in_port_or_a_pseudo_terminal_is_known_by_its_name() {
    for name in ["/dev/ttyS0", "/dev/pts/4", "COM3"] {
        let decision = decide(&[built_in("/dev/ttyS0")], &[claim("1", name, None)]);
        assert_eq!((opens(&decision), binds(&decision, 0)), (vec![("1", name.into())], None));
        assert!(decision.unknown.is_empty(), "a built-in port is never found by itself");
    }
}

#[test]
fn a_port_that_a_person_names_now_is_meant_as_it_is_there() {
    let bound = by_serial("/dev/ttyUSB0", "FT1", "1-1");
    let bed = Claim { named_now: true, ..claim("1", "/dev/ttyUSB0", bound) };
    let other = [nonin("/dev/ttyUSB0", "FT9", "1-1")];
    let decision = decide(&other, core::slice::from_ref(&bed));
    let Place::At { path, bind, replaces, .. } = &decision.places[0].1 else { panic!("{decision:?}") };
    assert_eq!(path, "/dev/ttyUSB0");
    assert_eq!((bind, *replaces), (&by_serial("/dev/ttyUSB0", "FT9", "1-1"), true));

    // But where the bed's own adapter is plugged in, the bed follows it: the same settings name it at each start.
    let both = [nonin("/dev/ttyUSB0", "FT9", "1-2"), nonin("/dev/ttyUSB1", "FT1", "1-1")];
    assert_eq!(opens(&decide(&both, &[bed])), [("1", "/dev/ttyUSB1".into())]);
}

#[test]
fn a_binding_does_not_hold_under_another_name() {
    let bed = claim("1", "/dev/ttyUSB5", by_serial("/dev/ttyUSB0", "FT1", "1-1"));
    let present = [nonin("/dev/ttyUSB0", "FT1", "1-1"), nonin("/dev/ttyUSB5", "FT5", "1-5")];
    let decision = decide(&present, &[bed]);
    assert_eq!(opens(&decision), [("1", "/dev/ttyUSB5".into())]);
    assert_eq!(unknown(&decision), ["/dev/ttyUSB0"]);
}

#[test]
fn a_system_that_tells_neither_serial_number_nor_socket_leaves_the_name() {
    let bare = Plugged { path: "COM3".into(), adapter: Some(adapter("1a86:7523", None, "")) };
    let decision = decide(&[bare], &[claim("1", "COM3", None)]);
    assert_eq!((opens(&decision), binds(&decision, 0)), (vec![("1", "COM3".into())], None));
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    fn any_present() -> impl Strategy<Value = Vec<Plugged>> {
        // No two adapters are in one socket.
        let sockets = Just((0..6_u8).collect::<Vec<_>>()).prop_shuffle();
        let adapters = proptest::collection::vec((0..3_u8, any::<bool>()), 0..6);
        (adapters, sockets).prop_map(|(adapters, sockets)| {
            let ports: Vec<(u8, u8, bool)> =
                adapters.into_iter().zip(sockets).map(|((serial, contecs), place)| (serial, place, contecs)).collect();
            let one = |(index, (serial, place, contecs)): (usize, (u8, u8, bool))| {
                let (path, place) = (format!("/dev/ttyUSB{index}"), format!("1-{place}"));
                if contecs { contec(&path, &place) } else { nonin(&path, &format!("FT{serial}"), &place) }
            };
            ports.into_iter().enumerate().map(one).collect()
        })
    }

    fn any_claims() -> impl Strategy<Value = Vec<Claim>> {
        proptest::collection::vec((0..6_u8, 0..4_u8, 0..3_u8, 0..6_u8, any::<bool>()), 0..6).prop_map(|claims| {
            let one = |(index, (port, kind, serial, place, named_now)): (usize, (u8, u8, u8, u8, bool))| {
                let (id, port, place) = (index.to_string(), format!("/dev/ttyUSB{port}"), format!("1-{place}"));
                let claim = match kind {
                    0 => claim(&id, &port, None),
                    1 => claim(&id, &port, by_serial(&port, &format!("FT{serial}"), &place)),
                    2 => claim(&id, &port, by_place(&port, &place)),
                    _ => link(&id, &format!("/dev/link{serial}"), Some(&port)),
                };
                Claim { named_now, ..claim }
            };
            claims.into_iter().enumerate().map(one).collect()
        })
    }

    proptest! {
        #[test]
        fn every_bed_has_one_place_and_no_port_has_two_beds(present in any_present(), claims in any_claims()) {
            let decision = decide(&present, &claims);
            prop_assert_eq!(decision.places.len(), claims.len());
            let mut opened = Vec::new();
            for (claim, (bed, place)) in claims.iter().zip(&decision.places) {
                prop_assert_eq!(&claim.bed, bed);
                if let Place::At { path, .. } = place {
                    let real = if claim.is_link { claim.leads_to.clone().unwrap() } else { path.clone() };
                    prop_assert!(!opened.contains(&real), "{} twice", real);
                    opened.push(real);
                }
            }
            for port in &present {
                let is_unknown = decision.unknown.contains(port);
                prop_assert!(is_unknown != opened.contains(&port.path), "{:?}", port);
            }
        }

        #[test]
        fn a_bed_that_is_bound_never_opens_another_adapter_unless_a_person_just_named_it(
            present in any_present(),
            claims in any_claims(),
        ) {
            let decision = decide(&present, &claims);
            for (claim, (_, place)) in claims.iter().zip(&decision.places) {
                let (Some(bound), Place::At { adapter: Some(adapter), .. }) = (holds(claim), place) else { continue };
                if claim.named_now {
                    continue;
                }
                prop_assert_eq!(&adapter.usb, &bound.usb);
                match &bound.mark {
                    Mark::Serial { serial, .. } => prop_assert_eq!(adapter.serial.as_ref(), Some(serial)),
                    Mark::Place(place) => prop_assert_eq!(adapter.place.as_ref(), Some(place)),
                }
            }
        }

        #[test]
        fn what_was_decided_stays_when_it_is_decided_again(present in any_present(), claims in any_claims()) {
            let settle = |claims: &[Claim]| -> Vec<Claim> {
                let decision = decide(&present, claims);
                let noted = |(claim, (_, place)): (&Claim, &(BedId, Place))| match place {
                    Place::At { bind: Some(bound), .. } => Claim { bound: Some(bound.clone()), named_now: false, ..claim.clone() },
                    _ => Claim { named_now: false, ..claim.clone() },
                };
                claims.iter().zip(&decision.places).map(noted).collect()
            };
            let once = settle(&claims);
            let (first, second) = (decide(&present, &once), decide(&present, &settle(&once)));
            prop_assert_eq!(opens(&first), opens(&second));
        }
    }
}
