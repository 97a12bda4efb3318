//! Starting with the person's session.

use auto_launch::{AutoLaunch, AutoLaunchBuilder};

/// Why it could not be learnt or changed whether the station starts at login.
#[derive(Debug, thiserror::Error)]
#[error("Whether Oxiward starts at login could not be read or changed: {0}. Use the settings of the desktop instead.")]
pub struct StartAtLoginError(#[from] auto_launch::Error);

/// The entry in the desktop's list of programs to start.
pub(super) struct StartAtLogin {
    arguments: Vec<String>,
}

impl StartAtLogin {
    pub(super) const fn new(arguments: Vec<String>) -> Self {
        Self { arguments }
    }

    pub(super) fn get(&self) -> Result<bool, StartAtLoginError> {
        Ok(self.entry()?.is_enabled()?)
    }

    pub(super) fn set(&self, on: bool) -> Result<(), StartAtLoginError> {
        let entry = self.entry()?;
        if on {
            entry.enable()?
        } else {
            entry.disable()?
        }
        Ok(())
    }

    fn entry(&self) -> Result<AutoLaunch, StartAtLoginError> {
        let program = std::env::current_exe().map_err(auto_launch::Error::from)?;
        let arguments: Vec<String> = self.arguments.iter().map(|argument| quoted(argument)).collect();
        Ok(AutoLaunchBuilder::new()
            .set_app_name("Oxiward")
            .set_app_path(&quoted(&program.to_string_lossy()))
            .set_args(&arguments)
            .build()?)
    }
}

/// An argument as the `Exec` line of a desktop entry wants it, which the library joins with spaces and no more:
/// in quotation marks, reserved characters escaped by a backslash that is itself doubled in a string of the file,
/// and the per cent sign doubled (Desktop Entry Specification 1.5, "The Exec key").
#[cfg(target_os = "linux")]
fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        return argument.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in argument.chars() {
        match c {
            '"' | '`' | '$' => quoted.extend(["\\\\", c.encode_utf8(&mut [0; 4])]),
            '\\' => quoted.push_str("\\\\\\\\"),
            '%' => quoted.push_str("%%"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Elsewhere the library quotes.
#[cfg(not(target_os = "linux"))]
fn quoted(argument: &str) -> String {
    argument.to_owned()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_plain_argument_stays_as_it_is() {
        assert_eq!(quoted("--data"), "--data");
        assert_eq!(quoted("/usr/bin/oxiward"), "/usr/bin/oxiward");
    }

    #[test]
    fn a_folder_with_blanks_and_signs_stays_one_argument() {
        assert_eq!(quoted("/home/anna/Ward 3"), "\"/home/anna/Ward 3\"");
        assert_eq!(quoted("100 %"), "\"100 %%\"");
        assert_eq!(quoted("a\"b$c"), "\"a\\\\\"b\\\\$c\"");
        assert_eq!(quoted("a\\b"), "\"a\\\\\\\\b\"");
        assert_eq!(quoted(""), "\"\"");
    }
}
