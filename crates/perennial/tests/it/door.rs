//! The command line of the server: the manual's pages of it are run as they stand, and webhooks are made, changed and
//! looked at beside one another.

use crate::people::follow;
use crate::program::{Bench, run};

#[test]
fn the_pages_of_operation_are_what_the_commands_do() {
    let bench = Bench::new();
    assert_eq!(follow("docs/manual/api/operation.md", &bench), 5);
    assert_eq!(follow("docs/manual/api/upgrade.md", &bench), 3);
}

#[test]
fn a_webhook_is_made_changed_and_ended() {
    let bench = Bench::new();
    let made = bench.json("webhook create https://shop.example/hook --topic points.*,tier.changed");
    let (id, secret) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    assert!(secret.starts_with("whsec_"), "{made}");
    assert_eq!(bench.json(&format!("webhook pause {id}"))["state"], "paused");
    let message = bench.json(&format!("webhook test {id}"))["message"].clone();
    let listed = bench.json("webhook list");
    let row = &listed["webhooks"][0];
    assert_eq!(
        (&row["state"], &row["waiting"], &row["topics"]),
        (&"paused".into(), &1.into(), &"points.* tier.changed".into())
    );
    assert_eq!(bench.json(&format!("webhook log {id} --state waiting"))["deliveries"][0]["id"], message);
    assert_eq!(bench.json(&format!("webhook resume {id}"))["state"], "on");
    assert_ne!(bench.json(&format!("webhook rotate {id} --overlap 1"))["secret"], secret);
    let replayed = bench.json(&format!("webhook replay {id} --since 2026-03-01T00:00:00Z"));
    assert_eq!(replayed["messages"], 0, "nothing was given up");
    assert_eq!(bench.json(&format!("webhook delete {id}"))["state"], "deleted");
    assert_eq!(bench.json("webhook list")["webhooks"], serde_json::json!([]));
    assert_eq!(bench.json("webhook topics")["topics"][0]["topic"], "points.earned");
    for wrong in ["https://127.0.0.1/", "http://shop.example/", "shop.example"] {
        let done =
            run(&mut bench.command(["webhook", "create", wrong, "--topic", "*"].map(str::to_owned).to_vec()));
        assert_eq!(done.code, 1, "{wrong}: {}{}", done.out, done.err);
    }
    let inside = bench.json("webhook --set webhook_inside=10.1.0.0/16 create http://10.1.2.3/ --topic *");
    assert_eq!(inside["url"], "http://10.1.2.3/");
}
