"""The dummies are copied into a package, and run there."""

collect_ignore_glob = ["dummies/*"]
