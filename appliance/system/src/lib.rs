//! Renders the box's settings into the operating system's configuration.
