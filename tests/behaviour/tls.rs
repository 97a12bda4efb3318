//! The ward LAN: TLS from the station's own authority.

use crate::harness::{Authority, Folder, Http, Line, Socket};
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

#[test]
fn a_tablet_that_trusts_the_station_pairs_and_listens_over_tls() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let station = folder.station().bed("1", line.path(), "cms50").on_the_lan().start();
    let lan = station.lan.clone().unwrap();
    let authority = Authority::of(station.http("").get("/ca.crt").text);
    assert_eq!(authority.pem, std::fs::read_to_string(folder.data().join("tls/ca.crt")).unwrap());
    let http = Http::secure(&lan, &authority);
    assert_eq!(http.get("/").status, 200);
    assert_eq!(http.get("/api/v1/beds").status, 401);

    let printed = String::from_utf8(folder.run(&["pair"]).stdout).unwrap();
    let link = printed.lines().next().unwrap();
    assert!(link.starts_with("https://"), "{link}");
    assert!(printed.lines().count() > 10, "with its QR code: {printed}");
    let code = link.rsplit_once("/pair#").unwrap().1;
    let answer = http.post("/api/v1/pair", &json!({"code":code,"name":"Tablet"}));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    for word in ["HttpOnly", "SameSite=Strict", "Secure"] {
        assert!(cookie.contains(word), "{word} in {cookie}");
    }
    let origin = format!("https://{lan}");
    let headers = [("Cookie", cookie.split(';').next().unwrap()), ("Origin", origin.as_str())];
    let mut socket = Socket::secure(&lan, "/ws?waves=1", &authority, &headers).unwrap();
    assert_eq!((socket.next()["type"].clone(), socket.next()["type"].clone()), (json!("hello"), json!("snapshot")));
    socket.until(Duration::from_secs(10), "a number", |said| said["type"] == "reading" && said["spo2"] == 97);
    socket.next_of("wave");
}

#[test]
fn nobody_who_does_not_trust_the_station_is_served_and_plain_http_is_not_spoken() {
    let (folder, other) = (Folder::new(), Folder::new());
    let station = folder.station().on_the_lan().start();
    let stranger = other.station().on_the_lan().start();
    let lan = station.lan.clone().unwrap();
    let authority = Authority::of(stranger.http("").get("/ca.crt").text);
    let asked = Http::secure(&lan, &authority).try_ask("GET", "/healthz", ());
    assert!(asked.is_err(), "the authority of another station is no authority here");
    let mut line = TcpStream::connect(&lan).unwrap();
    line.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    line.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = line.read_to_end(&mut answer);
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/1.1 200"));
}

#[test]
fn the_authority_stays_over_restarts_so_that_tablets_stay_paired() {
    let folder = Folder::new();
    let station = folder.station().on_the_lan().start();
    let authority = Authority::of(station.http("").get("/ca.crt").text);
    station.stop();
    let station = folder.station().on_the_lan().start();
    assert_eq!(station.http("").get("/ca.crt").text, authority.pem);
    assert_eq!(Http::secure(station.lan.as_ref().unwrap(), &authority).get("/").status, 200);
}

#[test]
fn without_the_lan_the_ready_line_says_off() {
    let folder = Folder::new();
    let station = folder.station().start();
    assert_eq!(station.lan, None);
    let output = folder.run(&["pair"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--no-lan"));
}
