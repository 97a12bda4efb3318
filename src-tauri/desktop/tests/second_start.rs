//! Two starts on one data folder, on a message bus of the test's own.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod private_bus;

use desktop::Bus;
use desktop::instance::{Claim, Instance, claim_on};
use private_bus::PrivateBus;
use std::path::Path;
use std::time::Duration;

async fn first(bus: &Bus, folder: &Path) -> Instance {
    match claim_on(bus, folder).await {
        Claim::Ours(instance) => instance,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_second_start_brings_the_first_one_forward() {
    let bus = PrivateBus::start();
    let bus = Bus::At(bus.address());
    let folder = tempfile::tempdir().unwrap();
    let mut instance = first(&bus, folder.path()).await;
    assert!(matches!(claim_on(&bus, folder.path()).await, Claim::Another));
    let asked = tokio::time::timeout(Duration::from_secs(5), instance.asked_to_show()).await;
    assert_eq!(asked.expect("it is asked"), Some(()));
}

#[tokio::test]
async fn another_data_folder_is_another_station() {
    let bus = PrivateBus::start();
    let bus = Bus::At(bus.address());
    let (ward_3, ward_4) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let _first = first(&bus, ward_3.path()).await;
    let _second = first(&bus, ward_4.path()).await;
}

#[tokio::test]
async fn a_window_that_ended_leaves_its_place() {
    let bus = PrivateBus::start();
    let bus = Bus::At(bus.address());
    let folder = tempfile::tempdir().unwrap();
    drop(first(&bus, folder.path()).await);
    // The bus notices the closed connection a moment later.
    for _ in 0..50 {
        if matches!(claim_on(&bus, folder.path()).await, Claim::Ours(_)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the place is free");
}

#[tokio::test]
async fn without_a_desktop_it_cannot_be_known() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = Bus::At("unix:path=/nowhere/to/be/found".into());
    assert!(matches!(claim_on(&nowhere, folder.path()).await, Claim::Unknown(_)));
}
