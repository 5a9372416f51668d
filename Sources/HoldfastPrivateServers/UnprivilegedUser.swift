import Glibc

/// The user that PostgreSQL and PgBouncer run as: both refuse to be root.
package enum UnprivilegedUser {
    /// The words that start `program` without root's rights; as they are when this process is not root.
    package static func words(_ program: String, _ arguments: [String]) -> (executable: String, arguments: [String]) {
        guard geteuid() == 0 else { return (program, arguments) }
        let rights = ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--", program]
        return ("setpriv", rights + arguments)
    }

    /// Hands a folder or file over to that user.
    package static func own(_ path: String) throws {
        guard geteuid() == 0 else { return }
        guard let user = getpwnam("postgres") else { throw PrivateServerError("there is no user postgres") }
        guard chown(path, user.pointee.pw_uid, user.pointee.pw_gid) == 0 else {
            throw PrivateServerError("cannot hand over \(path): errno \(errno)")
        }
    }
}
