use super::*;
use oximeter::capture::Capture;
use std::sync::mpsc::sync_channel;

/// Keeps what `put` puts into a new file; what was noted, and the text of the file.
fn kept(size: u64, put: impl FnOnce(&std::sync::mpsc::SyncSender<Piece>, &Wish)) -> (Vec<Note>, Option<Capture>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.capture");
    let (pieces, received) = sync_channel(64);
    let (wish, size, mut notes) = (Wish::default(), AtomicU64::new(size), Vec::new());
    put(&pieces, &wish);
    drop(pieces);
    let head = Head { model: Some("CMS50D+".into()), ..Head::default() };
    keep(|| File::create_new(&file), &head, &received, &wish, &size, &mut |note| notes.push(note));
    (notes, std::fs::read_to_string(file).ok().map(|text| text.parse().unwrap()))
}

#[track_caller]
fn ending(notes: &[Note]) -> &Ending {
    match notes {
        [Note::Begun, Note::Ended(ending)] => ending,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_put_is_in_the_file_up_to_the_word_about_its_end() {
    let (notes, capture) = kept(0, |pieces, wish| {
        let now = Instant::now();
        pieces.send((now, Event::Received(vec![7; PIECE + 1]))).unwrap();
        pieces.send((now, Event::Hole(12))).unwrap();
        *wish.lock().unwrap() = Some("anna stopped it.".into());
    });
    let ending = ending(&notes);
    assert_eq!((ending.reason.as_str(), ending.failed, ending.missing), ("anna stopped it.", false, 12));
    let capture = capture.unwrap();
    assert_eq!(capture.head.model.as_deref(), Some("CMS50D+"));
    let events: Vec<Event> = capture.entries.into_iter().map(|entry| entry.event).collect();
    assert_eq!(
        events,
        [
            Event::Received(vec![7; PIECE]),
            Event::Received(vec![7]),
            Event::Hole(12),
            Event::End("anna stopped it.".into())
        ]
    );
}

#[test]
fn a_capture_that_is_large_enough_ends_itself_and_says_so() {
    let (notes, capture) = kept(LARGEST - 60, |pieces, _| {
        for _ in 0..20 {
            pieces.send((Instant::now(), Event::Received(vec![1, 2, 3]))).unwrap();
        }
    });
    assert!(ending(&notes).reason.contains("200 MB") && !ending(&notes).failed);
    let capture = capture.unwrap();
    assert!(capture.has_end() && capture.entries.len() < 20, "{capture}");
}

#[test]
fn a_disk_that_is_full_ends_it_aloud() {
    let Ok(full) = File::options().write(true).open("/dev/full") else {
        return eprintln!("Not checked: this system has no /dev/full.");
    };
    let (pieces, received) = sync_channel(64);
    let (mut notes, size) = (Vec::new(), AtomicU64::new(0));
    keep(|| Ok(full), &Head::default(), &received, &Wish::default(), &size, &mut |note| notes.push(note));
    let [Note::Ended(ending)] = notes.as_slice() else { panic!("{notes:?}") };
    assert!(ending.failed && ending.reason.starts_with("The file cannot be written: No space left"), "{ending:?}");
    drop(received);
    assert!(pieces.send((Instant::now(), Event::Gone)).is_err(), "the tap finds nobody there, and goes on");
}
