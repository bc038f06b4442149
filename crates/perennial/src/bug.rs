//! A panic is a bug of ours: say so in a sentence, with what helps to mend it, instead of a trace.

use std::io::Write;

/// What a bug ends the program with: the same code as other failures.
pub fn report_instead_of_panicking() {
    std::panic::set_hook(Box::new(|panic| {
        // A closed pipe (`perennial … | head`) is no bug: whoever read has read enough.
        let text = panic.to_string();
        if text.contains("Broken pipe") {
            std::process::exit(0);
        }
        let place = panic
            .location()
            .map_or_else(String::new, |place| format!(" ({}:{})", place.file(), place.line()));
        let what = panic.payload_as_str().unwrap_or("no words");
        let _ = writeln!(
            std::io::stderr(),
            "perennial {} has a bug{place}: {what}\nNothing half-done stays behind: run the command again after an \
             update, and please report this line.",
            env!("CARGO_PKG_VERSION")
        );
        std::process::exit(3);
    }));
}
