//! Files are embedded at compile time; new ones must cause a new compilation.

fn main() {
    for folder in ["sql", "templates", "locales", "static"] {
        println!("cargo:rerun-if-changed=../../{folder}");
    }
}
