//! The icon in the desktop's tray.
//!
//! Spoken straight to the StatusNotifier interface by `ksni`, not through Tauri's tray: that one cannot tell whether a
//! tray is there at all, so a window hidden in it may never be found again, and it ends the process with a panic where
//! the appindicator library is not installed.

#[cfg(target_os = "linux")]
pub(super) use linux::Tray;

#[cfg(not(target_os = "linux"))]
pub(super) use elsewhere::Tray;

#[cfg(target_os = "linux")]
mod linux {
    use super::super::Event;
    use ksni::menu::{StandardItem, SubMenu};
    use ksni::{Category, MenuItem, OfflineReason, Status, ToolTip, TrayMethods};
    use std::sync::Arc;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, Ordering};
    use tauri::image::Image;
    use tokio::sync::mpsc;
    use vitals::Priority;

    /// The icon, or the place where it would be.
    pub(in super::super) struct Tray {
        handle: Option<ksni::Handle<Icon>>,
        seen: Arc<AtomicBool>,
        highest: Mutex<Option<Priority>>,
    }

    impl Tray {
        /// Puts the icon into the tray; a desktop without one is asked again when it gets one.
        pub(in super::super) async fn start(
            title: String,
            image: Option<Image<'_>>,
            events: mpsc::Sender<Event>,
        ) -> Self {
            let seen = Arc::new(AtomicBool::new(true));
            let icon = Icon {
                title,
                summary: "Monitoring".to_owned(),
                highest: None,
                pixmap: image.as_ref().map(pixmap),
                events,
                seen: Arc::clone(&seen),
            };
            let handle = match icon.assume_sni_available(true).spawn().await {
                Ok(handle) => Some(handle),
                Err(error) => {
                    seen.store(false, Ordering::Relaxed);
                    tracing::info!(%error, "This desktop shows no tray icon. A closed window stays in the task bar.");
                    None
                }
            };
            Self { handle, seen, highest: Mutex::new(None) }
        }

        /// Whether a person can see the icon.
        pub(in super::super) fn is_seen(&self) -> bool {
            self.seen.load(Ordering::Relaxed)
        }

        /// Says how things stand; whether they became more urgent.
        pub(in super::super) fn tell(&self, summary: String, highest: Option<Priority>) -> bool {
            let before = self.highest.lock().map_or(None, |mut last| core::mem::replace(&mut *last, highest));
            if let Some(handle) = self.handle.clone() {
                tauri::async_runtime::spawn(async move {
                    handle.update(|icon| (icon.summary, icon.highest) = (summary, highest)).await;
                });
            }
            highest > before
        }
    }

    /// What the tray shows.
    struct Icon {
        title: String,
        summary: String,
        highest: Option<Priority>,
        pixmap: Option<ksni::Icon>,
        events: mpsc::Sender<Event>,
        seen: Arc<AtomicBool>,
    }

    impl Icon {
        fn send(&self, event: Event) {
            let _ = self.events.try_send(event);
        }
    }

    impl ksni::Tray for Icon {
        fn id(&self) -> String {
            "oxiward".into()
        }

        fn category(&self) -> Category {
            Category::Hardware
        }

        fn title(&self) -> String {
            self.title.clone()
        }

        fn status(&self) -> Status {
            if self.highest.is_some() { Status::NeedsAttention } else { Status::Active }
        }

        /// Of the installed package; the pixmap serves everyone else.
        fn icon_name(&self) -> String {
            if self.pixmap.is_some() { String::new() } else { "oxiward".into() }
        }

        fn icon_pixmap(&self) -> Vec<ksni::Icon> {
            self.pixmap.clone().into_iter().collect()
        }

        fn attention_icon_pixmap(&self) -> Vec<ksni::Icon> {
            self.icon_pixmap()
        }

        fn tool_tip(&self) -> ToolTip {
            ToolTip { title: self.title.clone(), description: self.summary.clone(), ..ToolTip::default() }
        }

        fn activate(&mut self, _x: i32, _y: i32) {
            self.send(Event::Show);
        }

        /// Quitting is two steps: a slip of the mouse must not end monitoring, and a dialog would need the window.
        fn menu(&self) -> Vec<MenuItem<Self>> {
            let summary = StandardItem { label: self.summary.clone(), enabled: false, ..StandardItem::default() };
            let show = StandardItem {
                label: "Show Oxiward".into(),
                activate: Box::new(|icon: &mut Self| icon.send(Event::Show)),
                ..StandardItem::default()
            };
            let stop = StandardItem {
                label: "Stop monitoring and quit".into(),
                activate: Box::new(|icon: &mut Self| icon.send(Event::Quit)),
                ..StandardItem::default()
            };
            let quit = SubMenu { label: "Quit".into(), submenu: vec![stop.into()], ..SubMenu::default() };
            vec![summary.into(), MenuItem::Separator, show.into(), MenuItem::Separator, quit.into()]
        }

        fn watcher_online(&self) {
            self.seen.store(true, Ordering::Relaxed);
        }

        fn watcher_offline(&self, reason: OfflineReason) -> bool {
            tracing::info!(?reason, "The desktop shows no tray at present. A closed window stays in the task bar.");
            self.seen.store(false, Ordering::Relaxed);
            self.send(Event::TrayGone);
            true
        }
    }

    /// The tray wants alpha first.
    fn pixmap(image: &Image<'_>) -> ksni::Icon {
        let data = image.rgba().chunks_exact(4).flat_map(|rgba| [rgba[3], rgba[0], rgba[1], rgba[2]]).collect();
        let side = |length: u32| i32::try_from(length).unwrap_or(i32::MAX);
        ksni::Icon { width: side(image.width()), height: side(image.height()), data }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use ksni::Tray as _;

        fn icon() -> (Icon, mpsc::Receiver<Event>) {
            let (events, from_tray) = mpsc::channel(8);
            let icon = Icon {
                title: "Ward 3".into(),
                summary: "2 alarms".into(),
                highest: None,
                pixmap: None,
                events,
                seen: Arc::new(AtomicBool::new(true)),
            };
            (icon, from_tray)
        }

        fn activate(icon: &mut Icon, item: &MenuItem<Icon>) {
            match item {
                MenuItem::Standard(item) => (item.activate)(icon),
                _ => panic!("no item to click"),
            }
        }

        #[test]
        fn the_menu_says_how_things_stand_and_shows_the_window() {
            let (mut icon, mut from_tray) = icon();
            let menu = icon.menu();
            let MenuItem::Standard(summary) = &menu[0] else { panic!("a line of text") };
            assert_eq!((summary.label.as_str(), summary.enabled), ("2 alarms", false));
            activate(&mut icon, &menu[2]);
            assert_eq!(from_tray.try_recv(), Ok(Event::Show));
        }

        #[test]
        fn quitting_takes_two_steps_and_says_what_it_means() {
            let (mut icon, mut from_tray) = icon();
            let menu = icon.menu();
            let MenuItem::SubMenu(quit) = &menu[4] else { panic!("a menu in the menu") };
            assert_eq!(quit.label, "Quit");
            let MenuItem::Standard(stop) = &quit.submenu[0] else { panic!("an item") };
            assert_eq!(stop.label, "Stop monitoring and quit");
            assert!(from_tray.try_recv().is_err());
            activate(&mut icon, &quit.submenu[0]);
            assert_eq!(from_tray.try_recv(), Ok(Event::Quit));
        }

        #[test]
        fn a_tray_that_goes_away_is_told_and_one_that_comes_back_is_believed() {
            let (icon, mut from_tray) = icon();
            assert!(icon.watcher_offline(OfflineReason::No), "it waits for another tray");
            assert!(!icon.seen.load(Ordering::Relaxed));
            assert_eq!(from_tray.try_recv(), Ok(Event::TrayGone));
            icon.watcher_online();
            assert!(icon.seen.load(Ordering::Relaxed));
        }

        #[test]
        fn an_alarm_asks_for_attention() {
            let (mut icon, _from_tray) = icon();
            assert!(matches!(icon.status(), Status::Active));
            icon.highest = Some(Priority::Low);
            assert!(matches!(icon.status(), Status::NeedsAttention));
        }

        #[test]
        fn the_picture_has_its_alpha_first() {
            let image = Image::new(&[1, 2, 3, 4], 1, 1);
            assert_eq!(pixmap(&image).data, [4, 1, 2, 3]);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use super::super::Event;
    use tauri::image::Image;
    use tokio::sync::mpsc;
    use vitals::Priority;

    /// No tray is used on other systems as yet: a closed window is minimised.
    pub(in super::super) struct Tray {
        highest: std::sync::Mutex<Option<Priority>>,
    }

    impl Tray {
        pub(in super::super) async fn start(_: String, _: Option<Image<'_>>, _: mpsc::Sender<Event>) -> Self {
            Self { highest: std::sync::Mutex::new(None) }
        }

        pub(in super::super) const fn is_seen(&self) -> bool {
            false
        }

        pub(in super::super) fn tell(&self, _: String, highest: Option<Priority>) -> bool {
            let before = self.highest.lock().map_or(None, |mut last| core::mem::replace(&mut *last, highest));
            highest > before
        }
    }
}
