//! Parameters of service bindings (RFC 9460 §2.2, §7, §8), on the wire.

mod text;

pub(super) use text::{read, write};

use core::fmt;

/// A parameter's key (RFC 9460 §14.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(pub(crate) u16);

impl Key {
    pub(crate) const MANDATORY: Self = Self(0);
    pub(crate) const ALPN: Self = Self(1);
    pub(crate) const NO_DEFAULT_ALPN: Self = Self(2);
    pub(crate) const PORT: Self = Self(3);
    pub(crate) const IPV4HINT: Self = Self(4);
    pub(crate) const ECH: Self = Self(5);
    pub(crate) const IPV6HINT: Self = Self(6);
    pub(crate) const DOHPATH: Self = Self(7);
    pub(crate) const OHTTP: Self = Self(8);
    /// "Invalid key" (RFC 9460 §14.3.2).
    pub(crate) const RESERVED: Self = Self(65535);

    const NAMED: [(&'static str, Self); 9] = [
        ("mandatory", Self::MANDATORY),
        ("alpn", Self::ALPN),
        ("no-default-alpn", Self::NO_DEFAULT_ALPN),
        ("port", Self::PORT),
        ("ipv4hint", Self::IPV4HINT),
        ("ech", Self::ECH),
        ("ipv6hint", Self::IPV6HINT),
        ("dohpath", Self::DOHPATH),
        ("ohttp", Self::OHTTP),
    ];

    /// The name that a key has, if it has one.
    pub(crate) fn name(self) -> Option<&'static str> {
        Self::NAMED.iter().find(|(_, key)| *key == self).map(|(name, _)| *name)
    }

    /// The key of a name, or of `key` and a number without leading zeros (RFC 9460 §2.1).
    pub(crate) fn from_text(text: &[u8]) -> Option<Self> {
        if let Some((_, key)) = Self::NAMED.iter().find(|(name, _)| name.as_bytes() == text) {
            return Some(*key);
        }
        let digits = text.strip_prefix(b"key")?;
        let plain =
            digits.iter().all(u8::is_ascii_digit) && (digits.len() == 1 || digits.first() != Some(&b'0'));
        let number = core::str::from_utf8(digits).ok()?.parse().ok()?;
        (plain && Self(number) != Self::RESERVED).then_some(Self(number))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => formatter.write_str(name),
            None => write!(formatter, "key{}", self.0),
        }
    }
}

/// What is wrong with parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServiceError {
    /// They end within a parameter.
    Incomplete,
    /// A key is there twice, or behind a greater one.
    Order,
    /// This key's value is not what it has to be.
    Value(Key),
    /// This key is mandatory and not there.
    Missing(Key),
}

impl fmt::Display for ServiceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete => formatter.write_str("a parameter that is cut"),
            Self::Order => formatter.write_str("parameters that are not in the order of their keys"),
            Self::Value(key) => {
                write!(formatter, "the value of `{key}` does not have the form that it has to have")
            }
            Self::Missing(key) => {
                write!(formatter, "the parameter `{key}` is needed by another and is missing")
            }
        }
    }
}

/// Whether the parameters are whole, in order, and what their keys say that they are.
pub(crate) fn check(parameters: &[u8]) -> Result<(), ServiceError> {
    let mut last = None;
    for parameter in Parameters::new(parameters) {
        let (key, value) = parameter?;
        if last.is_some_and(|last| last >= key) {
            return Err(ServiceError::Order);
        }
        last = Some(key);
        if !is_sound(key, value) {
            return Err(ServiceError::Value(key));
        }
    }

    let find = |wanted| Parameters::new(parameters).flatten().find(|(key, _)| *key == wanted);
    if find(Key::NO_DEFAULT_ALPN).is_some() && find(Key::ALPN).is_none() {
        // RFC 9460 §7.1.1
        return Err(ServiceError::Missing(Key::ALPN));
    }
    let (_, mandatory) = find(Key::MANDATORY).unwrap_or((Key::MANDATORY, &[]));
    for pair in mandatory.as_chunks::<2>().0 {
        let key = Key(u16::from_be_bytes(*pair));
        if find(key).is_none() {
            return Err(ServiceError::Missing(key));
        }
    }
    Ok(())
}

fn is_sound(key: Key, value: &[u8]) -> bool {
    match key {
        Key::MANDATORY => {
            let (keys, rest) = value.as_chunks::<2>();
            let ascending = keys.windows(2).all(|pair| pair[0] < pair[1]);
            rest.is_empty() && ascending && keys.first().is_some_and(|first| *first != [0, 0])
        }
        Key::ALPN => !value.is_empty() && Identifiers { rest: value }.all(|identifier| identifier.is_some()),
        Key::NO_DEFAULT_ALPN | Key::OHTTP => value.is_empty(),
        Key::PORT => value.len() == 2,
        Key::IPV4HINT => !value.is_empty() && value.len().is_multiple_of(4),
        Key::IPV6HINT => !value.is_empty() && value.len().is_multiple_of(16),
        // A URI template, relative, with the variable `dns` (RFC 9461 §5).
        Key::DOHPATH => {
            core::str::from_utf8(value).is_ok_and(|path| path.starts_with('/') && path.contains("{?dns}"))
        }
        Key::ECH => !value.is_empty(),
        Key::RESERVED => false,
        Key(_) => true,
    }
}

/// The protocols of an `alpn`; `None` in place of one that is empty or not whole, which is the last.
#[derive(Clone, Debug)]
pub(crate) struct Identifiers<'a> {
    pub(crate) rest: &'a [u8],
}

impl<'a> Iterator for Identifiers<'a> {
    type Item = Option<&'a [u8]>;

    fn next(&mut self) -> Option<Self::Item> {
        let (&length, rest) = self.rest.split_first()?;
        let Some((identifier, rest)) = rest.split_at_checked(usize::from(length)).filter(|_| length > 0)
        else {
            self.rest = &[];
            return Some(None);
        };
        self.rest = rest;
        Some(Some(identifier))
    }
}

/// The keys and values of parameters.
#[derive(Clone, Debug)]
pub(crate) struct Parameters<'a> {
    rest: &'a [u8],
}

impl<'a> Parameters<'a> {
    pub(crate) const fn new(parameters: &'a [u8]) -> Self {
        Self { rest: parameters }
    }

    fn split(rest: &'a [u8]) -> Option<(Key, &'a [u8], &'a [u8])> {
        let (key, rest) = rest.split_first_chunk::<2>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let (value, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        Some((Key(u16::from_be_bytes(*key)), value, rest))
    }
}

impl<'a> Iterator for Parameters<'a> {
    type Item = Result<(Key, &'a [u8]), ServiceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let Some((key, value, rest)) = Self::split(self.rest) else {
            self.rest = &[];
            return Some(Err(ServiceError::Incomplete));
        };
        self.rest = rest;
        Some(Ok((key, value)))
    }
}
