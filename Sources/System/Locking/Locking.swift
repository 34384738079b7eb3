enum LockingPlaceholder {}
