//! `oxiward pair`: a link and its QR code for a tablet.

use super::options::Common;
use super::token::RoleName;
use super::{Failure, folder, say};
use clap::Args;
use fast_qr::QRBuilder;
use record::Record;
use server::pairing_link;
use station::wall_now;

/// Prints a pairing link.
#[derive(Debug, Args)]
pub(crate) struct Pair {
    /// What the tablet may do.
    #[arg(long, value_name = "R", default_value = "nurse")]
    role: RoleName,
    /// A link for a browser on this computer, plain over loopback.
    #[arg(long)]
    local: bool,
}

impl Pair {
    pub(crate) fn run(self, common: &Common) -> Result<(), Failure> {
        let real = common.folder()?;
        let folders = [real.clone(), folder::demo_of(&real)];
        let running = folders.into_iter().find_map(|folder| folder::running(&folder).map(|holder| (folder, holder)));
        let (data, holder) = running.ok_or_else(|| {
            Failure::failed(format!(
                "No station runs on {}. Start it with `oxiward` or `oxiward serve`; a pairing needs it at once.",
                real.display()
            ))
        })?;
        let address = if self.local { holder.local } else { holder.lan };
        let address = address.ok_or_else(|| {
            Failure::failed("The station does not listen on the LAN (--no-lan). Start it without, or use --local.")
        })?;
        let code = Record::existing(&data)?.open_pairing(self.role.into(), wall_now())?;
        let link = pairing_link(!self.local, address, &code);
        say(&link);
        match QRBuilder::new(link.as_str()).build() {
            Ok(code) => say(&code.to_str()),
            Err(error) => eprintln!("No QR code can be drawn ({error:?}); type the link."),
        }
        eprintln!("Good once, for two minutes. The tablet must trust this station first: see `docs/guide/tablets.md`.");
        Ok(())
    }
}
