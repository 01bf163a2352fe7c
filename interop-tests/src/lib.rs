#![doc = "interop"]
