/// A separately stored piece of a record, one chunk of a world for example.
///
/// It is written under its record's fence, in the commit of its record's document, and read by itself. A deleted
/// record has none, whichever build deletes it; one that knows layout 2 only saves documents and leaves parts as they
/// are. History keeps documents only: a part that is replaced is gone.
public struct Part: Sendable, Equatable {
    /// Unique within its record.
    public let name: PartName
    /// The version of the record that the commit which wrote this part made.
    public let version: Int64
    /// What it holds, unchecked.
    public let payload: PartPayload

    /// Joins the columns of one part as a store read them; checks nothing.
    public init(name: PartName, version: Int64, payload: PartPayload) {
        self.name = name
        self.version = version
        self.payload = payload
    }
}
