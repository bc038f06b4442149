//! Where a webhook may go. Whoever can name an address makes us ask it from where we stand, behind the shop's walls; so
//! an address that is not the public network's is refused unless the shop's configuration names it. Names are looked up
//! here and what was looked at is what is connected to: a name that changes its mind in between gains nothing.

use crate::problem::Problem;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use url::{Host, Url};

/// Read where a webhook is to go. `inside` are the networks that the configuration allows beside the public one; plain
/// HTTP goes there only.
pub fn read(text: &str, inside: &[IpNet]) -> Result<Url, Problem> {
    let wrong = |detail: &str| Problem::of_body("/url", detail);
    if text.len() > 2000 {
        return Err(wrong("at most 2000 characters"));
    }
    let url =
        Url::parse(text).map_err(|error| wrong(&format!("an address, as https://host/path: {error}")))?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(wrong("without user name, password and '#'"));
    }
    match url.scheme() {
        "https" => {}
        "http" if !inside.is_empty() => {}
        "http" => return Err(wrong("https; plain http only goes to networks named in webhook_inside")),
        _ => return Err(wrong("https")),
    }
    match url.host().ok_or_else(|| wrong("names no host"))? {
        Host::Domain(_) => {}
        Host::Ipv4(address) => may_go(address.into(), &url, inside)?,
        Host::Ipv6(address) => may_go(address.into(), &url, inside)?,
    }
    Ok(url)
}

fn may_go(address: IpAddr, url: &Url, inside: &[IpNet]) -> Result<(), Problem> {
    let allowed = is_inside(address, inside) || (url.scheme() == "https" && is_public(address));
    if allowed { Ok(()) } else { Err(Problem::of_body("/url", refused(address))) }
}

fn refused(address: IpAddr) -> String {
    format!("{address} is not on the public network; name its network in webhook_inside if it is yours")
}

fn is_inside(address: IpAddr, inside: &[IpNet]) -> bool {
    inside.iter().any(|net| net.contains(&address.to_canonical()))
}

/// Whether an address is one of the public network's (IANA's registries of special-purpose addresses).
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(four) => is_public_four(four),
        IpAddr::V6(six) => is_public_six(six),
    }
}

fn is_public_four(four: Ipv4Addr) -> bool {
    let [a, b, c, _] = four.octets();
    let is_special = four.is_private()
        || four.is_loopback()
        || four.is_link_local()
        || four.is_multicast()
        || four.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b));
    !is_special
}

fn is_public_six(six: Ipv6Addr) -> bool {
    let parts = six.segments();
    // Addresses that stand for one of version 4 are judged as that: NAT64 (RFC 6052) and 6to4 (RFC 3056).
    let four = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    if parts[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        return is_public_four(four(parts[6], parts[7]));
    }
    if parts[0] == 0x2002 {
        return is_public_four(four(parts[1], parts[2]));
    }
    // 2000::/3 is what is given out; of it 2001::/23 and 2001:db8::/32 are not the public network's.
    parts[0] & 0xe000 == 0x2000 && !(parts[0] == 0x2001 && (parts[1] < 0x200 || parts[1] == 0xdb8))
}

/// Looks names up and answers only with what may be gone to.
pub struct Lookup {
    /// The networks that the configuration allows.
    pub inside: Arc<[IpNet]>,
    /// Whether the public network is allowed.
    pub is_public_allowed: bool,
}

impl Resolve for Lookup {
    fn resolve(&self, name: Name) -> Resolving {
        let (inside, is_public_allowed) = (self.inside.clone(), self.is_public_allowed);
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let may =
                |at: &SocketAddr| is_inside(at.ip(), &inside) || (is_public_allowed && is_public(at.ip()));
            let allowed: Vec<SocketAddr> = found.iter().copied().filter(may).collect();
            match (allowed.is_empty(), found.first()) {
                (false, _) => Ok(Box::new(allowed.into_iter()) as Addrs),
                (true, Some(at)) => Err(refused(at.ip()).into()),
                (true, None) => Err("the name has no address".into()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_network_is_public() {
        for public in ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for special in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::1",
            "64:ff9b:1::1",
        ] {
            assert!(!is_public(special.parse().unwrap()), "{special}");
        }
    }

    #[test]
    fn a_webhook_goes_out_over_https_and_inside_where_that_is_configured() {
        let own: Vec<IpNet> = vec!["10.1.0.0/16".parse().unwrap()];
        let read = |url: &str, inside: &[IpNet]| super::read(url, inside).map_err(|problem| problem.detail);
        for good in ["https://shop.example/hook?a=1", "https://8.8.8.8/", "https://[2606:4700::1111]/x"] {
            assert!(read(good, &[]).is_ok(), "{good}");
        }
        for bad in [
            "http://shop.example/",
            "ftp://shop.example/",
            "https://10.1.2.3/",
            "https://[::1]/",
            "shop.example",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://ana:secret@shop.example/",
            "https://shop.example/#a",
            "https:///",
            "",
        ] {
            assert!(read(bad, &[]).is_err(), "{bad}");
        }
        for good in ["http://10.1.2.3:8080/", "https://10.1.2.3/", "http://till.inside/"] {
            assert!(read(good, &own).is_ok(), "{good}");
        }
        for bad in ["http://10.2.0.1/", "http://8.8.8.8/", "https://10.2.0.1/"] {
            assert!(read(bad, &own).is_err(), "{bad}");
        }
    }
}
