//! Closing the window on a desktop without a tray: keep monitoring, or stop?

use super::logged;
use tauri::WebviewWindow;

/// Asks, and minimises `window` or calls `quit` as it is answered. Returns at once.
#[cfg(target_os = "linux")]
pub(super) fn ask(window: &WebviewWindow, quit: impl Fn() + 'static) {
    use gtk::prelude::{DialogExt, GtkWindowExt, MessageDialogExt, WidgetExt};
    use gtk::{ButtonsType, DialogFlags, MessageDialog, MessageType, ResponseType};

    let parent = match window.gtk_window() {
        Ok(parent) => parent,
        Err(error) => {
            logged("find itself", Err(error));
            return logged("minimise", window.minimize());
        }
    };
    let dialog = MessageDialog::new(
        Some(&parent),
        // Modal: a second click on the cross finds this question and not another one.
        DialogFlags::MODAL | DialogFlags::DESTROY_WITH_PARENT,
        MessageType::Question,
        ButtonsType::None,
        "Keep monitoring?",
    );
    dialog.set_title("Oxiward");
    dialog.set_secondary_text(Some(
        "Keep monitoring with the window in the task bar, or stop: then no alarm is raised or heard any more, on this \
         computer and on the tablets.",
    ));
    dialog.add_button("Stop monitoring and quit", ResponseType::Reject);
    dialog.add_button("Keep monitoring", ResponseType::Accept);
    dialog.set_default_response(ResponseType::Accept);
    let window = window.clone();
    dialog.connect_response(move |dialog, response| {
        dialog.close();
        match response {
            ResponseType::Reject => quit(),
            ResponseType::Accept => logged("minimise", window.minimize()),
            // The question itself was closed: all stays as it is.
            _ => {}
        }
    });
    dialog.show();
}

/// Other systems close programs in ways of their own.
#[cfg(not(target_os = "linux"))]
pub(super) fn ask(window: &WebviewWindow, _quit: impl Fn() + 'static) {
    logged("minimise", window.minimize());
}
