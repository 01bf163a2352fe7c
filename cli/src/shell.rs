//! Commands as a person can paste them into a shell.

use std::ffi::{OsStr, OsString};

/// `arguments`, each quoted where a POSIX shell would take it apart, separated by spaces.
pub(crate) fn quoted(arguments: &[OsString]) -> String {
    let words: Vec<String> = arguments.iter().map(|argument| quoted_word(argument)).collect();
    words.join(" ")
}

/// The same, an option with its value on each line.
pub(crate) fn quoted_over_lines(arguments: &[OsString]) -> String {
    let mut text = String::new();
    for argument in arguments {
        let is_option = argument.as_encoded_bytes().starts_with(b"-");
        text.push_str(match () {
            () if text.is_empty() => "",
            () if is_option => " \\\n    ",
            () => " ",
        });
        text.push_str(&quoted_word(argument));
    }
    text
}

fn quoted_word(word: &OsStr) -> String {
    // What is not UTF-8 can't be shown as it is; such a path is named, not guessed.
    let word = word.to_string_lossy();
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-_./:=,@%+".contains(&octet);
    if !word.is_empty() && word.bytes().all(is_plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests;
