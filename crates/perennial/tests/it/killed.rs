//! Killed at any moment and run again, an import ends like one that was left alone.

use crate::program::{Bench, corner_shop, holdings};
use std::process::Stdio;
use std::time::Duration;

#[test]
fn an_import_killed_again_and_again_is_completed_by_running_it_again() {
    let orders = corner_shop(400);
    let line = "import orders orders.csv --currency USD";
    let calm = Bench::new();
    calm.write("orders.csv", &orders);
    calm.ok(line);

    let bench = Bench::new();
    bench.write("orders.csv", &orders);
    let mut killed = 0;
    // From before the first byte to after the last commit, in steps shorter than any stage on a slow machine.
    for milliseconds in (0..).map(|round| round * 23) {
        let mut child = bench
            .command(line.split(' '))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let patience = Duration::from_millis(milliseconds);
        match wait_at_most(&mut child, patience) {
            Some(is_well) => {
                assert!(is_well, "it failed where it was not killed");
                break;
            }
            None => {
                child.kill().expect("killed");
                child.wait().expect("gone");
                killed += 1;
            }
        }
        assert!(milliseconds < 60_000, "an import of {} bytes takes a minute", orders.len());
    }
    assert!(killed >= 3, "killed only {killed} times");
    assert_eq!(holdings(&bench), holdings(&calm), "after {killed} kills");
    bench.ok("verify");
    // What the killed runs wrote and nobody refers to is removed, and nothing else.
    bench.ok("lake compact");
    assert_eq!(holdings(&bench), holdings(&calm));
    bench.ok("verify");
}

/// Whether it ended well; `None` where it has not ended in time.
fn wait_at_most(child: &mut std::process::Child, patience: Duration) -> Option<bool> {
    let mut waited = Duration::ZERO;
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return Some(status.success());
        }
        if waited >= patience {
            return None;
        }
        let step = Duration::from_millis(1).min(patience - waited);
        std::thread::sleep(step);
        waited += step;
    }
}
