//! Who may come in, from where, and what is never written down.

use crate::harness::{Folder, Http, Line, Plan, SOON, Socket, within};
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn everything_but_the_ui_health_the_authority_and_pairing_needs_a_token() {
    let folder = Folder::new();
    let station = folder.station().on_the_lan().start();
    let nobody = station.http("");
    for open in ["/", "/healthz", "/ca.crt", "/pair"] {
        assert_eq!(nobody.get(open).status, 200, "{open}");
    }
    for closed in [
        "/metrics",
        "/sensor-data",
        "/api/v1/station",
        "/api/v1/beds",
        "/api/v1/beds/1",
        "/api/v1/beds/1/readings",
        "/api/v1/record",
        "/api/v1/alarms",
        "/api/v1/events",
        "/api/v1/clients",
    ] {
        for http in [&nobody, &station.http("wrong"), &Http::plain(&station.local).with("Authorization", "Basic eDp5")]
        {
            let answer = http.get(closed);
            assert_eq!((answer.status, answer.code().as_str()), (401, "unauthorized"), "{closed}");
        }
    }
    assert_eq!(nobody.command("1", &json!({"command":"reset"})).status, 401);
    assert_eq!(Socket::ask(&station.local, "/ws", &[]).err().unwrap().0, 401);
    assert_eq!(Socket::ask(&station.local, "/sensor-data", &[("Authorization", "Bearer wrong")]).err().unwrap().0, 401);
    let token = folder.token("lab", "viewer");
    assert_eq!(nobody.get(&format!("/api/v1/beds?token={token}")).status, 401, "never in a URL");
}

#[test]
fn each_role_may_do_its_own_and_no_more() {
    let folder = Folder::new();
    let [viewer, nurse, admin] = ["viewer", "nurse", "admin"].map(|role| folder.token(role, role));
    let station = folder.station().start();
    let bed = json!({"name":"By the window","port":null}).to_string();
    for token in [&viewer, &nurse] {
        let answer = station.http(token).ask("PUT", "/api/v1/beds/7", bed.as_str());
        assert_eq!((answer.status, answer.code().as_str()), (403, "forbidden"));
    }
    let made = station.http(&admin).ask("PUT", "/api/v1/beds/7", bed.as_str());
    assert_eq!(made.status, 200, "{}", made.text);
    assert_eq!(made.json()["name"], "By the window");
    let limits = json!({"command":"set_limits","spo2_low":88});
    assert_eq!(station.http(&viewer).command("7", &limits).status, 403);
    assert_eq!(station.http(&nurse).command("7", &limits).status, 200);
    for token in [&viewer, &nurse] {
        assert_eq!(station.http(token).ask("DELETE", "/api/v1/beds/7", ()).status, 403);
    }
    assert_eq!(station.http(&admin).ask("DELETE", "/api/v1/beds/7", ()).status, 200);
    assert_eq!(station.http(&viewer).get("/api/v1/beds/7").status, 404);
    for (token, role) in [(&viewer, "viewer"), (&nurse, "nurse"), (&admin, "admin")] {
        assert_eq!(station.http(token).json("/api/v1/station")["role"], role);
    }
}

#[test]
fn a_page_of_another_site_may_neither_connect_nor_change_anything() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let token = folder.token("anna", "nurse");
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let (bearer, own) = (format!("Bearer {token}"), format!("http://{}", station.local));
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1"] {
        let asked = Socket::ask(&station.local, "/ws", &[("Authorization", &bearer), ("Origin", origin)]);
        assert_eq!(asked.err().unwrap_or_else(|| panic!("{origin}")).0, 403, "{origin}");
        let answer = station.http(&token).with("Origin", origin).command("1", &json!({"command":"discharge"}));
        assert_eq!(answer.status, 403, "{origin}: {}", answer.text);
        answer.code();
    }
    let mut socket = Socket::ask(&station.local, "/ws", &[("Authorization", &bearer), ("Origin", &own)]).unwrap();
    assert_eq!(socket.next()["type"], "hello");
    assert!(Socket::ask(&station.local, "/ws", &[("Authorization", &bearer), ("Origin", "tauri://localhost")]).is_ok());
    let own_page = station.http(&token).with("Origin", &own);
    assert_eq!(own_page.command("1", &json!({"command":"resume_audio"})).status, 200);
    let read = station.http(&token).with("Origin", "http://evil.example").get("/api/v1/beds");
    assert!(!read.headers.contains_key("access-control-allow-origin"), "a foreign page cannot read the answer");
}

#[test]
fn a_host_that_is_no_name_of_the_station_is_misdirected() {
    let folder = Folder::new();
    let token = folder.token("lab", "viewer");
    let station = folder.station().start();
    for host in ["evil.example", "127.0.0.1.evil.example", "10.0.0.9:80"] {
        let answer = station.http(&token).with("Host", host).get("/api/v1/beds");
        assert_eq!(answer.status, 421, "{host}: {}", answer.text);
        assert_eq!(station.http("").with("Host", host).get("/").status, 421, "{host}");
        let bearer = format!("Bearer {token}");
        let asked = Socket::ask(&station.local, "/ws", &[("Authorization", &bearer), ("Host", host)]);
        assert_eq!(asked.err().unwrap().0, 421, "{host}");
    }
    let port = station.local.rsplit(':').next().unwrap();
    assert_eq!(station.http(&token).with("Host", &format!("localhost:{port}")).get("/api/v1/beds").status, 200);
}

#[test]
fn a_revoked_token_closes_its_connections_within_five_seconds_and_no_others() {
    let folder = Folder::new();
    let (anna, ben) = (folder.token("anna", "nurse"), folder.token("ben", "nurse"));
    let station = folder.station().start();
    let mut closed = [station.socket(&anna, ""), Socket::open(&station.local, "/sensor-data?every=1", &anna)];
    let mut open = station.socket(&ben, "");
    assert_eq!(folder.run(&["token", "revoke", "anna"]).status.code(), Some(0));
    for socket in &mut closed {
        assert_eq!(socket.ending_within(5 * SECOND), Some(1008));
    }
    assert_eq!(station.http(&anna).get("/api/v1/beds").status, 401);
    assert!(!open.listen(3 * SECOND).is_empty(), "the other one goes on");
}

/// The code of a pairing link.
fn code(link: &str) -> &str {
    link.rsplit_once("/pair#").unwrap_or_else(|| panic!("{link}")).1
}

fn link(folder: &Folder, arguments: &[&str]) -> String {
    let mut all = vec!["pair", "--local"];
    all.extend(arguments);
    let output = folder.run(&all);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().next().unwrap().to_owned()
}

#[test]
fn a_pairing_code_works_once_and_gives_the_role_it_was_made_for() {
    let folder = Folder::new();
    let station = folder.station().start();
    let link = link(&folder, &["--role", "viewer"]);
    assert!(link.starts_with(&format!("http://{}/pair#", station.local)), "{link}");
    let http = station.http("");
    let answer = http.post("/api/v1/pair", &json!({"code":code(&link),"name":"Tablet 1"}));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let paired = answer.json();
    assert_eq!(paired["role"], "viewer");
    let token = paired["token"].as_str().unwrap();
    assert_eq!(station.http(token).json("/api/v1/station")["role"], "viewer");

    let cookie = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    assert!(!cookie.contains("Secure"), "plain HTTP would not send it back: {cookie}");
    let pair = cookie.split(';').next().unwrap();
    assert_eq!(station.http("").with("Cookie", pair).get("/api/v1/beds").status, 200);
    assert!(Socket::ask(&station.local, "/ws", &[("Cookie", pair)]).is_ok());

    let again = http.post("/api/v1/pair", &json!({"code":code(&link),"name":"Tablet 2"}));
    assert_eq!(again.status, 403, "{}", again.text);
    again.code();
    let list = String::from_utf8(folder.run(&["token", "list"]).stdout).unwrap();
    assert!(list.contains("Tablet 1") && !list.contains("Tablet 2"), "{list}");
}

#[test]
fn five_wrong_codes_end_an_open_pairing() {
    let folder = Folder::new();
    let station = folder.station().start();
    let (http, good) = (station.http(""), link(&folder, &[]));
    for _ in 0..5 {
        assert_eq!(http.post("/api/v1/pair", &json!({"code":"WRONG","name":"T"})).status, 403);
    }
    let answer = http.post("/api/v1/pair", &json!({"code":code(&good),"name":"T"}));
    assert_eq!(answer.status, 403, "{}", answer.text);
    for body in ["{}", "not json", "[]", "{\"code\":7}"] {
        assert_eq!(http.ask("POST", "/api/v1/pair", body).status, 400, "{body}");
    }
}

#[test]
fn a_pairing_code_is_dead_after_two_minutes() {
    let folder = Folder::new();
    let station = folder.station().start();
    let link = link(&folder, &[]);
    // Two minutes pass in the database, which keeps the code's hash and its end.
    let database = rusqlite::Connection::open(folder.data().join("oxiward.db")).unwrap();
    database.busy_timeout(SOON).unwrap();
    let left: i64 = database.query_row("SELECT max(expires) FROM pairing_code", [], |row| row.get(0)).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    assert!((100_000..=120_000).contains(&(left - now)), "{} ms", left - now);
    database.execute("UPDATE pairing_code SET expires = expires - 121000", []).unwrap();
    let answer = station.http("").post("/api/v1/pair", &json!({"code":code(&link),"name":"T"}));
    assert_eq!(answer.status, 403, "{}", answer.text);
}

#[test]
fn a_headless_start_prints_a_link_that_opens_the_ui_on_this_computer() {
    let folder = Folder::new();
    let station = folder.station().start();
    let link = within(SOON, "the link", || {
        let said = station.process.said();
        said.split_whitespace().find(|word| word.contains("/pair#")).map(str::to_owned)
    });
    assert!(link.starts_with(&format!("http://{}/pair#", station.local)), "{link}");
    let answer = station.http("").post("/api/v1/pair", &json!({"code":code(&link),"name":"This computer"}));
    assert_eq!((answer.status, answer.json()["role"].clone()), (200, json!("nurse")));
    assert!(station.http("").get("/pair").text.contains("<!doctype html>"));
}

fn files(folder: &Path, into: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() { files(&entry.path(), into) } else { into.push(entry.path()) }
    }
}

#[test]
fn secrets_are_kept_as_hashes_readable_by_their_owner_alone_and_never_logged() {
    let (folder, line) = (Folder::new(), Line::numbers(85, 72));
    let tokens = [folder.token("anna", "nurse"), folder.token("chief", "admin")];
    let plan: Plan<'_> = folder.station().bed("1", line.path(), "cms50").on_the_lan().with(&["--log", "trace"]);
    let station = plan.start();
    let link = link(&folder, &[]);
    let paired = station.http("").post("/api/v1/pair", &json!({"code":code(&link),"name":"Tablet"})).json();
    let unused = self::link(&folder, &[]);
    let patient = json!({"command":"admit","patient":{"id":"4711","name":"Erika Mustermann"}});
    station.http(&tokens[0]).done("1", &patient);
    station.http("").post("/api/v1/pair", &json!({"code":"WRONGCODE","name":"Tablet"}));
    station.http("WRONGTOKEN").get("/api/v1/beds");
    let mut socket = station.socket(&tokens[0], "");
    socket.command("1", patient);
    socket.listen(SECOND);

    let secrets = [&tokens[0], &tokens[1], paired["token"].as_str().unwrap(), code(&link), code(&unused)];
    let log = station.process.said();
    // The one link that is meant to be read there is the one of the start.
    for secret in secrets.iter().copied().chain(["WRONGCODE", "WRONGTOKEN", "Mustermann"]) {
        assert!(!log.contains(secret), "{secret:?} is in the log");
    }
    station.stop();

    let mut all = Vec::new();
    files(&folder.data(), &mut all);
    let mut keys = 0;
    for file in all {
        let bytes = std::fs::read(&file).unwrap();
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{} holds a secret", file.display());
        }
        if bytes.windows(11).any(|window| window == b"PRIVATE KEY") {
            keys += 1;
            let mode = std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{}", file.display());
        }
    }
    assert!(keys >= 2, "the authority's key and the leaf's");
}

#[test]
fn metrics_are_told_in_the_text_format_of_prometheus() {
    let (folder, line) = (Folder::new(), Line::numbers(85, 72));
    let token = folder.token("prometheus", "viewer");
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let http = station.http(&token);
    within(SOON, "the number", || {
        http.get("/metrics").text.contains("oxiward_spo2_percent{bed=\"1\"} 85").then_some(())
    });
    let answer = http.get("/metrics");
    assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/plain"));
    for line in answer.text.lines().filter(|line| !line.starts_with('#')) {
        let value = line.rsplit(' ').next().unwrap();
        assert!(line.starts_with("oxiward_") && value.parse::<f64>().is_ok(), "{line}");
    }
}
