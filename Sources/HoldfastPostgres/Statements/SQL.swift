/// Every statement of this module.
///
/// Nothing else is ever sent to a server.
///
/// Rules: unnamed statements, parameters only, all names with their schema, so that no state of a session matters
/// behind a PgBouncer in transaction mode. Lists come as arrays, one element a row; `SELECT unnest(a), unnest(b)`
/// walks them side by side.
enum SQL {
    static let begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
    static let commit = "COMMIT"
    static let rollback = "ROLLBACK"

    /// `SET LOCAL` of several settings at once.
    ///
    /// Timeouts, and what keeps the planner steady: compiling a statement costs more than any of ours takes, a merge
    /// join sorts again for each link of a chain, and a hash that does not fit is built again for each.
    ///
    /// 1 lock, 2 statement, 3 idle-in-transaction timeout, `5000ms`.
    static let settings = """
        SELECT set_config('synchronous_commit', 'on', true), set_config('lock_timeout', $1::text, true),
          set_config('statement_timeout', $2::text, true),
          set_config('idle_in_transaction_session_timeout', $3::text, true),
          set_config('client_min_messages', 'warning', true), set_config('jit', 'off', true),
          set_config('enable_mergejoin', 'off', true), set_config('work_mem', '32MB', true)
        """

    /// Milliseconds since 1970 by the server's clock, which all processes share.
    static let now = "(extract(epoch FROM statement_timestamp()) * 1000)::bigint"
}
