//! Names of hosts (RFC 952, RFC 1123 §2.1).

use crate::Name;

/// Whether a name may be a host's: labels of letters, digits and inner hyphens.
pub(super) fn is_hostname(name: Name<'_>) -> bool {
    name.labels().all(is_label)
}

/// The same for an owner, which may be a wildcard.
pub(super) fn is_owner(name: Name<'_>) -> bool {
    name.labels().skip(usize::from(name.is_wildcard())).all(is_label)
}

fn is_label(label: &[u8]) -> bool {
    let inside = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'-';
    label.iter().all(inside) && label.first() != Some(&b'-') && label.last() != Some(&b'-')
}

/// Whether a name begins like an IPv4 address, as one does that was written where a name belongs.
pub(super) fn is_like_address(name: Name<'_>) -> bool {
    let is_number = |label: &[u8]| label.len() <= 3 && label.iter().all(u8::is_ascii_digit);
    let mut labels = name.labels();
    (0..4).all(|_| labels.next().is_some_and(is_number))
}
