//! `oxiward serve`: the station without a window.

use super::Failure;
use super::options::{Common, StationOptions};
use super::running::{Plan, Running, runtime, take, told_to_stop};
use record::Role;
use server::pairing_link;

pub(crate) fn serve(common: &Common, options: StationOptions) -> Result<(), Failure> {
    let plan = Plan::new(common, options)?;
    let lock = take(&plan)?.map_err(|in_use| in_use.failure(&plan.folder))?;
    let runtime = runtime()?;
    let outcome = runtime.block_on(async {
        let told_to_stop = told_to_stop();
        let mut running = plan.start(lock).await?;
        print_link(&running);
        running.say_ready();
        let failed = tokio::select! {
            () = told_to_stop => false,
            () = running.failed() => true,
        };
        running.stop().await;
        if failed {
            Err(Failure::failed("The station's hub has failed, and the station stops. Start it again."))
        } else {
            Ok(())
        }
    });
    // What still blocks in a thread has nothing to say any more.
    runtime.shutdown_background();
    outcome
}

/// A one-time link that opens the UI on this computer.
pub(crate) fn print_link(running: &Running) {
    let handle = running.station.handle();
    match handle.record().open_pairing(Role::Nurse, handle.clock().now().wall) {
        Ok(code) => {
            let link = pairing_link(false, running.server.local(), &code);
            eprintln!("Open the station on this computer within two minutes: {link}");
            eprintln!("Later, and for tablets: oxiward pair");
        }
        Err(error) => eprintln!("No link can be made: {error}"),
    }
}
