/// Which version of a record is meant.
public enum VersionSelection: Sendable, Hashable {
    /// What the record holds now.
    case current
    /// The version of this number.
    case version(Int64)
    /// What the record held at a time, in milliseconds since 1970, UTC.
    ///
    /// Between two kept versions it is the older one: see ``RecordVersion/isExact``.
    case at(Int64)
}
