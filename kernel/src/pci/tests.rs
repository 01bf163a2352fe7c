mod assigned;
mod hostile;
mod machine;
mod unassigned;
